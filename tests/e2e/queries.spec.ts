import { expect, test } from '@grafana/plugin-e2e';

import { type QueryType, queryTypes } from '../../src/core/query';
import { questions } from '../../src/grafana/editors/questions';
import { selectors } from '../../src/grafana/editors/selectors';
import { choose, provisioned } from './support';

/**
 * A column that only the answer to this question has, or has first; one of the first three, because Grafana draws only the columns
 * that are in view.
 */
const columns: Readonly<Record<QueryType, string>> = {
  summary: 'requests_count_total',
  metric: 'metric',
  breakdown: 'key',
  country: 'country_name',
  membership: 'membership',
  services: 'first_seen',
  completeness: 'coverage_percent',
  reconciliation: 'by_service',
};

for (const queryType of queryTypes) {
  test(`the question "${questions[queryType].title}" is answered in a panel`, async ({
    panelEditPage,
    readProvisionedDataSource,
    page,
  }) => {
    const dataSource = await readProvisionedDataSource({ fileName: provisioned.file, name: provisioned.oscar });
    await panelEditPage.datasource.set(dataSource.name);
    await panelEditPage.setVisualization('Table');
    const editor = panelEditPage.getQueryEditorRow('A').getByTestId(selectors.queryEditor.testId);
    await choose(page, editor, selectors.queryEditor.question.label, questions[queryType].title);
    await expect(panelEditPage.panel.locator.getByRole('columnheader', { name: columns[queryType] })).toBeVisible();
    await expect(panelEditPage.panel.getErrorIcon()).toHaveCount(0);
    await expect(editor.getByTestId(selectors.queryEditor.problem.testId)).toHaveCount(0);
  });
}

test('a question can be asked in Explore', async ({ explorePage, readProvisionedDataSource, page }) => {
  const dataSource = await readProvisionedDataSource({ fileName: provisioned.file, name: provisioned.oscar });
  await explorePage.datasource.set(dataSource.name);
  const editor = explorePage.getQueryEditorRow('A').getByTestId(selectors.queryEditor.testId);
  await choose(page, editor, selectors.queryEditor.question.label, questions.country.title);
  await expect(page.getByRole('columnheader', { name: 'country_name' })).toBeVisible();
});
