import { expect, test } from '@grafana/plugin-e2e';
import { type Locator, type Page } from '@playwright/test';

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
      // A panel that leaves the view keeps its loading bar until it comes back: each is looked at while it is in view.
      await panel.scrollIntoView();
      await expect(panel.locator.getByTestId('data-testid panel content')).toBeVisible();
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

test('a table can be taken away as CSV, as people read it or with the names of the contract', async ({
  gotoDashboardPage,
  page,
}) => {
  const title = 'Requests by country';
  const dashboard = await gotoDashboardPage({ uid: dashboardUid });
  const { id } = panels.find((panel) => panel.title === title) ?? {};
  await dashboard.goto({ queryParams: new URLSearchParams({ viewPanel: `panel-${id}` }) });
  const panel = dashboard.getPanelByTitle(title);
  await expect(panel.locator.getByRole('gridcell').first()).toBeVisible();
  // Grafana's key for the inspector, which takes the panel under the pointer.
  await panel.locator.hover();
  await page.keyboard.press('i');
  const inspector = page.getByRole('dialog');
  const shown = await downloaded(page, inspector);
  expect(shown[0]).toContain('Country');
  await inspector.getByText('Data options', { exact: true }).click();
  // The input lies under what Grafana draws for it.
  await inspector.locator('#formatted-data-toggle').uncheck({ force: true });
  const plain = await downloaded(page, inspector);
  expect(plain[0]).toMatch(/^country,country_name,request_count,percentage,completeness(,completeness_notes)?$/);
  expect(plain.length).toBeGreaterThan(1);
  expect(plain).toHaveLength(shown.length);
});

/** Lines of the file that the inspector gives, without the quotes of its header. */
async function downloaded(page: Page, inspector: Locator): Promise<string[]> {
  const downloading = page.waitForEvent('download');
  await inspector.getByRole('button', { name: 'Download CSV' }).click();
  const stream = await (await downloading).createReadStream();
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
  const [header = '', ...rows] = text.trim().split(/\r?\n/);
  return [header.replaceAll('"', ''), ...rows];
}
