import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';

import { uids } from '../../stack/dashboards/links';
import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { expectedByCountry, expectedByService, expectedByUser, expectedSummary, type Range } from '../../stack/traffic';
import { grafana12 } from '../../stack/workbench/packageSets';
import { violations } from './support/axe';
import { type Circumstances } from './support/circumstances';
import { csvOfPanel } from './support/panelCsv';
import { printed, screenshot } from './support/screenshots';
import { type Theme } from './support/workbenchPage';

const whole = new Intl.NumberFormat('en-US');
const plain = (value: unknown) => String(value);

/** A dashboard other than the overview, with the values of its variable. */
interface Board {
  uid: string;
  range: Range;
  variables?: Record<string, string>;
}

/** The report, the drill-downs and the sources: every panel drawn, and the figures those of the truth. */
export async function checkBoards(circumstances: Circumstances): Promise<void> {
  const { on, range, checks, stack } = circumstances;
  const { truth } = stack;
  const month = { from: Date.parse('2025-10-01T00:00:00Z'), to: Date.parse('2025-11-01T00:00:00Z') };
  const before = { from: Date.parse('2025-09-01T00:00:00Z'), to: month.from };
  const service = expectedByService(truth, range)[0]?.key ?? '';
  const user = expectedByUser(truth, range)[0]?.key ?? '';
  const country = expectedByCountry(truth, range).find(({ key }) => key !== 'unknown')?.key ?? '';
  const boards = {
    monthly: { uid: uids.monthly, range: month },
    service: { uid: uids.service, range, variables: { service } },
    user: { uid: uids.user, range, variables: { user } },
    country: { uid: uids.country, range, variables: { country } },
    operator: {
      uid: uids.operator,
      range: { from: Date.parse('2025-09-15T00:00:00Z'), to: Date.parse('2025-10-06T00:00:00Z') },
    },
  } satisfies Record<string, Board>;
  await on.page.setViewportSize({ width: 1280, height: 900 });

  await checks.run('the monthly report has the month and the month before, as plain numbers', async () => {
    await openWhole(circumstances, boards.monthly);
    const rows = await on.rows('Requests by month');
    const expected = [before, month].map((span) => expectedSummary(truth, span));
    deepStrictEqual(
      rows.map(({ Month, Requests, Sync, Async, Exposed, Failed }) => [Month, Requests, Sync, Async, Exposed, Failed]),
      expected.map((one, index) => [
        ['2025-09', '2025-10'][index],
        ...[
          one.requests_count_total,
          one.requests_count_sync,
          one.requests_count_async,
          one.requests_count_exposed,
          one.requests_count_failed,
        ].map(plain),
      ])
    );
    deepStrictEqual(
      rows.map(({ From, To }) => [From, To]),
      [
        ['2025-09-01 00:00:00', '2025-09-30 23:59:59'],
        ['2025-10-01 00:00:00', '2025-10-31 23:59:59'],
      ]
    );
    const others = await on.rows('Services, hours, users and countries by month');
    deepStrictEqual(
      others.map((row) => [row.Month, row.Services, row.Users, row.Countries]),
      expected.map((one, index) => [
        ['2025-09', '2025-10'][index],
        ...[one.services_count_total, one.users_count, one.countries_count].map(plain),
      ])
    );
    // The data begin within September: who compares has to know.
    strictEqual(others[0]?.Status, 'partial');
    match(others[0]?.['What is incomplete'] ?? '', /CPU hours/);
  });

  await checks.run('both exports of the monthly report have plain numbers', async () => {
    const expected = expectedByService(truth, month);
    const [head = '', ...rows] = await csvOfPanel(on, 'Usage by service', 'Download CSV');
    match(head, /^"key","requests_count_total","requests_count_sync"/);
    const [shownHead = '', ...shownRows] = await csvOfPanel(on, 'Usage by service', 'Download CSV, formatted');
    match(shownHead, /^"Service","Requests","Sync"/);
    ok(expected.length > 15 && rows.length >= expected.length && shownRows.length === rows.length);
    for (const [index, { key, requests_count_total: total, requests_count_sync: sync }] of expected.entries()) {
      const start = `${key},${total},${sync},`;
      ok(rows[index]?.startsWith(start), rows[index]);
      ok(shownRows[index]?.startsWith(start), shownRows[index]);
    }
    const quoted = [...rows, ...shownRows].filter((row) => /"\d/.test(row));
    deepStrictEqual(quoted, []);
  });

  await checks.run('a cell of the overview leads to the dashboard of its service', async () => {
    await on.open({ page: 'dashboard', range });
    await on.wholeDashboard(panelQueries(readShippedDashboard()).length);
    await follow(circumstances, 'Usage by service', service);
    await on.dashboardDrawn();
    const expected = rowIn(expectedByService(truth, range), service);
    deepStrictEqual(await on.figures('Requests'), {
      Total: whole.format(expected.requests_count_total),
      Sync: whole.format(expected.requests_count_sync),
      Async: whole.format(expected.requests_count_async),
      Exposed: whole.format(expected.requests_count_exposed),
    });
    strictEqual((await on.figures('Users'))[''], whole.format(expected.unique_users_count));
  });

  await checks.run('a cell of that dashboard leads to the dashboard of its user', async () => {
    await openWhole(circumstances, boards.service);
    const [first] = await on.rows('Usage by user');
    const name = first?.User ?? '';
    await follow(circumstances, 'Usage by user', name);
    await on.dashboardDrawn();
    const [row, ...more] = await on.rows('Requests of the user');
    const expected = rowIn(expectedByUser(truth, range), name);
    deepStrictEqual(more, []);
    deepStrictEqual(
      [row?.User, row?.Requests, row?.Sync, row?.Services],
      [
        name,
        whole.format(expected.executions_count),
        whole.format(expected.requests_count_sync),
        whole.format(expected.services_count),
      ]
    );
    // A table draws only the rows that fit.
    const [head = '', ...lines] = await csvOfPanel(on, 'Services that the user called', 'Download CSV');
    match(head, /^"service","metric","key","value"/);
    const cells = lines.map((line) => line.split(','));
    deepStrictEqual([...new Set(cells.map(([, , key]) => key))], [name]);
    strictEqual(
      cells.reduce((sum, [, , , value]) => sum + Number(value), 0),
      expected.executions_count
    );
  });

  await checks.run('the dashboard of a country has its row, and no other', async () => {
    await openWhole(circumstances, boards.country);
    const expected = rowIn(expectedByCountry(truth, range), country);
    const rows = await on.rows('Requests from the country');
    deepStrictEqual(
      rows.map((row) => [row.Code, row.Requests, row.Users]),
      [[country, whole.format(expected.executions_count), whole.format(expected.unique_users_count)]]
    );
  });

  await checks.run('a name that needs escaping shows no other, and breaks nothing', async () => {
    for (const name of ['no"body\\', '{a,b}', "x' or '1", '(others)']) {
      await openWhole(circumstances, { ...boards.user, variables: { user: name } }, false);
      strictEqual(await on.page.getByTestId(/Panel status error/).count(), 0);
      await on.panel('Requests of the user').getByText('No data').waitFor();
    }
  });

  await checks.run('the sources say on which days something is missing', async () => {
    await openWhole(circumstances, boards.operator);
    const days = await on.rows('Days that are not whole');
    ok(days.some((row) => row.Source === 'CPU hours' && row.Status !== 'ok' && row.Day?.startsWith('2025-09-')));
    strictEqual((await on.rows('Sources')).length, 7);
  });

  // What the looks depend on is ours: one of them shows whether the packages of Grafana 13 draw it alike.
  const looks = on.packages === grafana12 ? allLooks : allLooks.slice(-1);
  for (const [theme, sizes] of looks) {
    for (const [name, board] of Object.entries({ overview: { uid: uids.overview, range }, ...boards })) {
      await checkLook(circumstances, theme, sizes, name, board);
    }
  }
  await on.page.setViewportSize({ width: 1280, height: 900 });
}

/** The row of a key. Throws where there is none. */
function rowIn<Row extends { key: string }>(rows: readonly Row[], key: string): Row {
  const found = rows.find((row) => row.key === key);
  ok(found, `no row of ${key}`);
  return found;
}

/** Opens a dashboard, its closed rows too, and waits for all of it; nothing in it has an error or is empty. */
async function openWhole(
  { on, workbench }: Circumstances,
  { uid, range, variables = {} }: Board,
  hasData = true,
  theme: Theme = 'dark'
): Promise<void> {
  const iso = (time: number) => new Date(time).toISOString();
  const values = Object.fromEntries(Object.entries(variables).map(([name, value]) => [`var-${name}`, value]));
  const parameters = { from: iso(range.from), to: iso(range.to - 1), theme, kiosk: '1', ...values };
  await on.page.goto(`${workbench.url}/d/${uid}?${new URLSearchParams(parameters)}`);
  const { panels } = readShippedDashboard(uid);
  const count = panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]).filter(({ type }) => type !== 'row').length;
  await on.wholeDashboard(count);
  if (hasData) {
    strictEqual(await on.page.getByTestId(/Panel status error/).count(), 0);
    strictEqual(await on.page.getByText('No data', { exact: true }).count(), 0);
  }
}

/** Clicks the link of a cell. */
async function follow({ on }: Circumstances, table: string, cell: string): Promise<void> {
  const link = on.page.getByRole('table', { name: table, exact: true }).getByRole('link', { name: cell, exact: true });
  // Grafana 13 decodes what is encoded in the link of a cell; this name means the same either way.
  const href = new URL((await link.first().getAttribute('href')) ?? '', on.page.url());
  strictEqual([...href.searchParams.values()].at(-1), cell);
  await Promise.all([on.page.waitForURL(/dashboard=/), link.first().click()]);
}

const widths = { desktop: 1280, phone: 390 };
type Size = keyof typeof widths;

/** Themes, and the windows in which they are looked at. */
const allLooks: ReadonlyArray<[Theme, readonly Size[]]> = [
  ['dark', ['desktop', 'phone']],
  ['light', ['desktop']],
];

/** Width, accessibility and pictures of one dashboard in one theme. */
async function checkLook(
  circumstances: Circumstances,
  theme: Theme,
  sizes: readonly Size[],
  name: string,
  board: Board
): Promise<void> {
  const { on, checks } = circumstances;
  for (const size of sizes) {
    const width = widths[size];
    await checks.run(`${name} fits ${size}, ${theme}`, async () => {
      await on.page.setViewportSize({ width, height: 900 });
      await openWhole(circumstances, board, true, theme);
      const overflow = await on.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      ok(overflow <= 0, `the page is ${overflow} px too wide`);
      await on.page.waitForTimeout(500);
      await screenshot(on, `${name}-${size}-${theme}`);
      if (size === 'desktop') {
        deepStrictEqual(await cutTables(circumstances), []);
        deepStrictEqual(await violations(on), []);
      }
      if (size === 'desktop' && theme === 'light') {
        await printed(on, name);
      }
      await on.page.setViewportSize({ width, height: 900 });
      await on.page.waitForTimeout(500);
      await screenshot(on, `${name}-${size}-${theme}-top`);
    });
  }
}

/** The tables that have columns out of view. */
function cutTables({ on }: Circumstances): Promise<Array<string | null>> {
  return on.page.evaluate(() =>
    [...document.querySelectorAll('[role="table"]')]
      .filter((table) =>
        [...table.querySelectorAll('*')].some(
          (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX.match(/auto|scroll/)
        )
      )
      .map((table) => table.getAttribute('aria-label'))
  );
}
