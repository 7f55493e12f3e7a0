import { expect, test } from '@grafana/plugin-e2e';

import { selectors } from '../../src/grafana/editors/selectors';
import { pluginId, provisioned } from './support';

const { configEditor } = selectors;

test('two pickers are all that a new data source needs', async ({ createDataSourceConfigPage, page }) => {
  const configPage = await createDataSourceConfigPage({ type: pluginId });
  for (const [picker, name] of [
    [configEditor.prometheus, provisioned.prometheus],
    [configEditor.loki, provisioned.loki],
  ] as const) {
    await page.locator(`#${picker.inputId}`).fill(name);
    await page.getByTestId('data-source-card').filter({ hasText: name }).first().click();
  }
  await page.getByRole('button', { name: 'Save & test' }).click();
  // Nothing stands between viewers and the demo's Loki.
  await expect(configPage).toHaveAlert('warning');
});

test('a data source without its upstreams says what it lacks', async ({ createDataSourceConfigPage, page }) => {
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
  await expect(editor.getByLabel(configEditor.requestSelector.label)).toBeDisabled();
});
