import { expect, test } from '@grafana/plugin-e2e';

import { selectors } from '../../src/grafana/editors/selectors';
import { choose, provisioned } from './support';

test('a variable lists the countries of the range', async ({ variableEditPage, readProvisionedDataSource, page }) => {
  const dataSource = await readProvisionedDataSource({ fileName: provisioned.file, name: provisioned.oscar });
  await variableEditPage.setVariableType('Query');
  await variableEditPage.datasource.set(dataSource.name);
  const editor = page.getByTestId(selectors.variableEditor.testId);
  await choose(page, editor, selectors.variableEditor.list.label, 'Countries');
  await variableEditPage.runQuery();
  await expect(variableEditPage).toDisplayPreviews([/\S/], {});
});

test('an annotation can shade the gaps of one source', async ({
  annotationEditPage,
  readProvisionedDataSource,
  page,
}) => {
  const dataSource = await readProvisionedDataSource({ fileName: provisioned.file, name: provisioned.oscar });
  await annotationEditPage.datasource.set(dataSource.name);
  const editor = page.getByTestId(selectors.annotationEditor.testId);
  await editor.getByRole('combobox', { name: selectors.annotationEditor.sources.label, exact: true }).click();
  await page.getByRole('option').first().click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Test annotation query' }).click();
  await expect(page.getByText(/\d+ events|No events found/)).toBeVisible();
});
