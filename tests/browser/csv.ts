import { strictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { type DataFrame } from '@grafana/data';

import { createHost, type Target } from '../../stack/host';
import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { expectedByUser } from '../../stack/traffic';
import { type Circumstances } from './support/circumstances';

/** What the download holds is what the data source answered, and the truth. */
export async function checkCsv({ on, range, stack, checks }: Circumstances): Promise<void> {
  await checks.run('the CSV holds the frame, cell by cell', async () => {
    await on.open({ page: 'query', range });
    await on.ask('breakdown');
    await on.answer('breakdown');
    const host = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
    const { response } = await host.queryOnce(
      host.createDataSource(),
      { queryType: 'breakdown', groupBy: 'service' } as Target,
      { from: range.from, to: range.to - 1 }
    );
    const frame = response?.data[0] as DataFrame;
    await on.page.getByText('Formatted data', { exact: true }).click();
    const lines = await downloaded(on);
    strictEqual(lines[0], frame.fields.map(({ name }) => `"${name}"`).join());
    strictEqual(lines.length, frame.length + 1);
    for (let row = 0; row < frame.length; row++) {
      strictEqual(lines[row + 1], frame.fields.map(({ values }) => values[row] ?? '').join());
    }
  });

  await checks.run('the CSV of the panel, formatted, holds the counts of the truth', async () => {
    await on.open({ page: 'dashboard', range });
    // All rows, so that the export holds them.
    await on.page.getByRole('combobox').nth(2).click();
    await on.type('All');
    await on.page.getByRole('option', { name: 'All' }).first().click();
    await on.wholeDashboard(panelQueries(readShippedDashboard()).length);
    // Grafana shows the menu of a panel while the pointer is over it.
    await on.panel('Usage by user').hover();
    await on.page.getByTestId('data-testid Panel menu Usage by user').click();
    const [download] = await Promise.all([
      on.page.waitForEvent('download'),
      on.page.getByRole('menuitem', { name: 'Download CSV, formatted' }).click(),
    ]);
    const lines = (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
    const users = expectedByUser(stack.truth, range);
    strictEqual(lines.length, users.length + 1);
    const column = lines[0]?.split(',').indexOf('"executions_count"') ?? -1;
    for (const [index, { key, executions_count: count }] of users.entries()) {
      const cells = lines[index + 1]?.split(',') ?? [];
      strictEqual(`${cells[0]} ${cells[column]}`, `${key} ${count}`);
    }
  });
}

async function downloaded({ page }: Circumstances['on']): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  return (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
}
