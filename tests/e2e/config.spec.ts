import { expect, test } from '@grafana/plugin-e2e';

import { selectors } from '../../src/grafana/editors/selectors';
import { alerts, pickerOptions, pluginId, provisioned } from './support';

const { configEditor } = selectors;

test('two pickers are all that a new data source needs', async ({ createDataSourceConfigPage, page }) => {
  await createDataSourceConfigPage({ type: pluginId });
  for (const [picker, name] of [
    [configEditor.prometheus, provisioned.prometheus],
    [configEditor.loki, provisioned.loki],
  ] as const) {
    await page.locator(`#${picker.inputId}`).fill(name);
    await expect(pickerOptions(page).filter({ hasText: name }).first()).toBeVisible();
    await page.keyboard.press('Enter');
    await expect(pickerOptions(page)).toHaveCount(0);
  }
  await page.getByRole('button', { name: 'Save & test' }).click();
  // A warning where Grafana lets viewers write to a Loki that nothing stands before: up to 12.3.
  const { warning, success } = alerts(page);
  await expect(warning.or(success).first()).toBeVisible();
  await expect(page.getByText('Loki: reachable')).toBeVisible();
});

test('a data source without its upstreams says what is missing', async ({ createDataSourceConfigPage, page }) => {
  const configPage = await createDataSourceConfigPage({ type: pluginId });
  await page.getByRole('button', { name: 'Save & test' }).click();
  await expect(configPage).toHaveAlert('error');
});

test('a provisioned data source cannot be changed here', async ({
  readProvisionedDataSource,
  gotoDataSourceConfigPage,
  page,
}) => {
  const { uid } = await readProvisionedDataSource({ fileName: provisioned.file, name: provisioned.oscar });
  await gotoDataSourceConfigPage(uid);
  const editor = page.getByTestId(configEditor.testId);
  await expect(editor).toBeVisible();
  await editor.getByRole('button', { name: configEditor.sections.requests }).click();
  await expect(editor.getByLabel(configEditor.requestSelector.label, { exact: true })).toBeDisabled();
});
