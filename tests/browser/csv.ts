import { match, ok, strictEqual } from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import { type DataFrame } from '@grafana/data';

import { createHost, type Target } from '../../stack/host';
import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { expectedByUser } from '../../stack/traffic';
import { type Circumstances } from './support/circumstances';
import { csvOfPanel } from './support/panelCsv';

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

  await checks.run(
    'the CSV of a panel holds the names of the contract and plain numbers, or what people read',
    async () => {
      await on.open({ page: 'dashboard', range });
      // All rows, so that the export holds them.
      await on.page.getByRole('combobox').nth(2).click();
      await on.type('All');
      await on.page.getByRole('option', { name: 'All' }).first().click();
      await on.wholeDashboard(panelQueries(readShippedDashboard()).length);
      const users = expectedByUser(stack.truth, range);
      const [plain = '', ...plainRows] = await csvOfPanel(on, 'Usage by user', 'Download CSV');
      strictEqual(
        plain,
        '"key","membership","executions_count","requests_count_sync","requests_count_async","services_count","completeness"'
      );
      strictEqual(plainRows.length, users.length);
      const [shown = '', ...shownRows] = await csvOfPanel(on, 'Usage by user', 'Download CSV, formatted');
      strictEqual(shown, '"User","Membership","Requests","Sync","Async","Services","Status"');
      strictEqual(shownRows.length, users.length);
      for (const [index, { key, executions_count: count }] of users.entries()) {
        const cells = plainRows[index]?.split(',') ?? [];
        strictEqual(`${cells[0]} ${cells[2]}`, `${key} ${count}`);
        ok(shownRows[index]?.startsWith(`${key},${cells[1]},${whole(Number(count))},`), shownRows[index]);
      }
    }
  );

  await checks.run('times in a CSV are those of the contract, whatever the panel shows', async () => {
    const [head = '', first = ''] = await csvOfPanel(on, 'Services deployed and seen', 'Download CSV');
    const column = head.split(',').indexOf('"first_seen"');
    match(first.split(',')[column] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });
}

/** A count as the table shows it, with the quotes that a comma needs. */
function whole(count: number): string {
  const text = count.toLocaleString('en-US');
  return text.includes(',') ? `"${text}"` : text;
}

async function downloaded({ page }: Circumstances['on']): Promise<string[]> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  return (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
}
