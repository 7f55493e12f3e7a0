import { type Locator, type Page } from '@playwright/test';

export const pluginId = 'oscar-metrics-datasource';
export const dashboardUid = 'oscar-usage-overview';

/** As provisioning/datasources/datasources.yaml names them. */
export const provisioned = { file: 'datasources.yaml', oscar: 'OSCAR Metrics', prometheus: 'Prometheus', loki: 'Loki' };

/** Chooses an option of a combobox by its visible text; the list is drawn at the end of the page. */
export async function choose(page: Page, within: Page | Locator, label: string, option: string): Promise<void> {
  const combobox = within.getByRole('combobox', { name: label, exact: true });
  await combobox.click();
  await combobox.fill(option);
  // Options may have a description below their text.
  await page.getByRole('option', { name: option }).first().click();
}

/** Options of the picker of data sources: those of react-select in Grafana 12 have no role, those of later versions may. */
export function pickerOptions(page: Page): Locator {
  return page.locator('[id^="react-select"][id*="option"], [role="option"]');
}

/** What Save & test says, by severity. */
export function alerts(page: Page): Record<'success' | 'warning', Locator> {
  const of = (severity: string) => page.getByTestId(`data-testid Alert ${severity}`);
  return { success: of('success'), warning: of('warning') };
}
