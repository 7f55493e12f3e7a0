import { expect, test } from '@grafana/plugin-e2e';

import dashboardModel from '../../src/dashboards/oscar-usage-overview.json';
import { dashboardUid } from './support';

const panels = dashboardModel.panels
  .flatMap((panel) => [panel, ...('panels' in panel ? (panel.panels ?? []) : [])])
  .filter(({ type }) => type !== 'row');

test('every panel of the dashboard is drawn without an error', async ({ gotoDashboardPage, page }) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  await page.getByRole('button', { name: 'Expand row' }).first().click();
  for (const { title } of panels) {
    await test.step(title, async () => {
      const panel = dashboard.getPanelByTitle(title);
      await panel.scrollIntoView();
      await expect(panel.locator.getByLabel('Panel loading bar')).toHaveCount(0);
      await expect(panel.getErrorIcon()).toHaveCount(0);
      await expect(panel.locator.getByText('No data', { exact: true })).toHaveCount(0);
    });
  }
  await expect(page.getByText('Panel plugin not found')).toHaveCount(0);
});

test('a service that is chosen filters the panels', async ({ gotoDashboardPage, page }) => {
  const all = await gotoDashboardPage({ uid: dashboardUid });
  const table = all.getPanelByTitle('Usage by service');
  await table.scrollIntoView();
  const service = await table.locator.getByRole('gridcell').first().innerText();
  await gotoDashboardPage({ uid: dashboardUid, queryParams: new URLSearchParams({ 'var-service': service }) });
  const filtered = all.getPanelByTitle('Usage by service');
  await filtered.scrollIntoView();
  await expect(filtered.locator.getByRole('gridcell', { name: service, exact: true })).toBeVisible();
  await expect(filtered.locator.getByRole('row')).toHaveCount(2);
  expect(page.url()).toContain('var-service=');
});

test('a table can be taken away as CSV, with its completeness', async ({ gotoDashboardPage, page }) => {
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const { id } = panels.find(({ title }) => title === 'Requests by country') ?? {};
  await dashboard.goto({ queryParams: new URLSearchParams({ inspect: `panel-${id}`, inspectTab: 'data' }) });
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download CSV' }).click();
  const stream = await (await downloading).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  const [header = '', ...rows] = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/);
  expect(header.replaceAll('"', '')).toBe('country,country_name,request_count,percentage,completeness');
  expect(rows.length).toBeGreaterThan(0);
  expect(rows[0]).toMatch(/(ok|partial|missing)"?$/);
});
