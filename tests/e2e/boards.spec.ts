import { expect, test } from '@grafana/plugin-e2e';

import country from '../../src/dashboards/oscar-usage-country.json';
import monthly from '../../src/dashboards/oscar-usage-monthly.json';
import operator from '../../src/dashboards/oscar-usage-operator.json';
import service from '../../src/dashboards/oscar-usage-service.json';
import user from '../../src/dashboards/oscar-usage-user.json';

for (const { uid, title, panels } of [monthly, service, user, country, operator]) {
  test(`every open panel of "${title}" is drawn without an error`, async ({ gotoDashboardPage, page }) => {
    const dashboard = await gotoDashboardPage({ uid });
    for (const { title: name } of panels.filter(({ type }) => type !== 'row')) {
      await test.step(name, async () => {
        const panel = dashboard.getPanelByTitle(name);
        await panel.scrollIntoView();
        await expect(panel.locator.getByLabel('Panel loading bar')).toHaveCount(0);
        await expect(panel.getErrorIcon()).toHaveCount(0);
      });
    }
    await expect(page.getByText('Panel plugin not found')).toHaveCount(0);
  });
}

test('a service in a table leads to its dashboard, with the range', async ({ gotoDashboardPage, page }) => {
  const overview = await gotoDashboardPage({ uid: 'oscar-usage-overview' });
  const table = overview.getPanelByTitle('Usage by service');
  await table.scrollIntoView();
  const link = table.locator.getByRole('link').first();
  const name = await link.innerText();
  await link.click();
  await page.waitForURL(/\/d\/oscar-usage-service/);
  expect(new URL(page.url()).searchParams.get('var-service')).toBe(name);
  expect(new URL(page.url()).searchParams.get('from')).toBeTruthy();
});
