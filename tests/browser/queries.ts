import { ok, strictEqual } from 'node:assert/strict';

import { type QueryType, queryTypes } from '../../src/core/query';
import { selectors } from '../../src/grafana/editors/selectors';
import { expectedByCountry, expectedByService, expectedByUser, expectedSummary } from '../../stack/traffic';
import { type Circumstances } from './support/circumstances';
import { screenshot } from './support/screenshots';
import { type Theme } from './support/workbenchPage';

/** Every query type, built by clicking and run, in both themes. */
export async function checkQueries(circumstances: Circumstances): Promise<void> {
  const { on, range, checks, stack } = circumstances;
  const { truth } = stack;
  const summary = expectedSummary(truth, range);
  /** Rows that the truth asks for. */
  const expected: Partial<Record<QueryType, number>> = {
    summary: 1,
    breakdown: expectedByService(truth, range).length,
    country: expectedByCountry(truth, range).length,
    membership: 3,
    completeness: 7,
  };
  for (const theme of ['dark', 'light'] satisfies Theme[]) {
    await on.open({ page: 'query', theme, range });
    for (const type of queryTypes) {
      await checks.run(`${type} by clicking, ${theme}`, async () => {
        await on.ask(type);
        const { state, rows } = await on.answer(type);
        strictEqual(state, 'Done');
        ok(rows > 0, 'no row');
        strictEqual(rows, expected[type] ?? rows);
        await on.page.getByRole('columnheader').first().waitFor();
        await screenshot(on, `query-${type}-${theme}`);
      });
    }
  }

  await checks.run('the table shows the counts of the truth', async () => {
    await on.ask('summary');
    await on.answer('summary');
    const [row] = await on.rows('Result');
    strictEqual(row?.requests_count_total, String(summary.requests_count_total));
    strictEqual(row?.requests_count_exposed, String(summary.requests_count_exposed));
  });

  for (const [groupBy, rows] of [
    ['User', expectedByUser(truth, range)],
    ['Country', expectedByCountry(truth, range)],
  ] as const) {
    await checks.run(`breakdown by ${groupBy.toLowerCase()} by clicking`, async () => {
      await on.ask('breakdown');
      await on.page.getByRole('radio', { name: groupBy }).click();
      await on.page.waitForFunction(
        (count) =>
          document.querySelector('[data-testid="workbench-status"]')?.textContent ===
          `Done: ${count} rows of breakdown`,
        rows.length
      );
      // The table is drawn a little after the answer is there.
      await on.page.getByRole('cell', { name: rows[0]?.key, exact: true }).first().waitFor();
      const [first] = await on.rows('Result');
      strictEqual(first?.key, rows[0]?.key);
      strictEqual(first?.executions_count, String(rows[0]?.executions_count));
    });
  }

  await checks.run('a time series is drawn as a graph', async () => {
    await on.open({ page: 'query', range });
    await on.answer('summary');
    await on.page.getByRole('radio', { name: 'Time series' }).click();
    await on.page.locator('canvas').first().waitFor();
    strictEqual((await on.answer('summary')).state, 'Done');
    await screenshot(on, 'query-timeseries-dark');
  });

  await checks.run('the services offered are those of the data', async () => {
    await on.page.getByRole('combobox', { name: selectors.queryEditor.services.label }).click();
    const busiest = expectedByService(truth, range)[0]?.key ?? '';
    // The list draws only what fits.
    await on.type(busiest);
    await on.page.getByRole('option', { name: busiest }).first().waitFor();
    await on.page.keyboard.press('Escape');
  });
}
