import { type DataFrame } from '@grafana/data';

import { rowDifferences } from '../../stack/conformance/compare';
import { createHost, type Host } from '../../stack/host';
import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { type OpenStack } from '../../stack/openStack';
import {
  createParameters,
  expectedByCountry,
  expectedByService,
  expectedByUser,
  expectedSummary,
} from '../../stack/traffic';
import { answersOf, columnsOf, lokiQueries, over } from './support/answers';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

const traffic = createParameters({ ...fixedTraffic, days: 32, lines: 12_000, services: 15, users: 150 });
const range = lastDays(traffic, 30);

/** Rows of a table with which the dashboard opens. */
const shownRows = 100;

/** Series of a panel. */
const shownSeries = 10;

const dashboard = readShippedDashboard();
const queries = panelQueries(dashboard);
const gaps = dashboard.annotations.list.flatMap(({ target }) => (target ? [{ panel: 'Gaps', query: target }] : []));

let scratch: Scratch;
let stack: OpenStack;
let host: Host;
/** The first frame of every panel, by its title. */
let frames: Map<string, DataFrame>;
let sent: ReturnType<typeof requestsSent>;

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
  host = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
  const dataSource = host.createDataSource();
  // All panels and the annotation at once, each on its own, as Grafana starts them.
  const answers = await Promise.all(
    [...queries, ...gaps].map(async ({ panel, query }) => {
      const { response, error, thrown } = await host.queryOnce(dataSource, query, over(range));
      if (thrown || error !== undefined) {
        throw new Error(`${panel}: ${JSON.stringify(error)}`);
      }
      return [panel, response.data[0] as DataFrame] as const;
    })
  );
  frames = new Map(answers);
  sent = requestsSent(host);
});

afterAll(() => scratch?.close());

/** Queries to Loki that count lines or give them, and those that look up the exact first and last use of services. */
function requestsSent(of: Host) {
  const texts = lokiQueries(of).map(({ parameters }) => parameters.get('query') ?? '');
  const isScan = (text: string) => text.startsWith('{') || text.includes('count_over_time(');
  const isLookUp = (text: string) => /(?:min|max)_over_time\(/.test(text);
  return { scans: texts.filter(isScan).length, lookUps: texts.filter(isLookUp).length };
}

function frameOf(panel: string): DataFrame {
  const frame = frames.get(panel);
  if (!frame) {
    throw new Error(`no panel "${panel}"`);
  }
  return frame;
}

/** The rows of a panel's table. */
function rowsOf(panel: string) {
  const [answer] = answersOf({ response: { data: [frameOf(panel)] }, thrown: false, packets: 1 }, 1);
  return answer?.rows ?? [];
}

/** The sum over all buckets of a panel's series, or of those of one type. */
function sumOf(panel: string, type?: string): number {
  const values = frameOf(panel)
    .fields.filter(({ name, labels }) => name !== 'time' && (type === undefined || labels?.type === type))
    .flatMap((field) => field.values as Array<number | null>);
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

it.each(queries.map(({ panel }) => panel))('panel %s has something to show', (panel) => {
  expect(frameOf(panel).length).toBeGreaterThan(0);
});

it('reads the logs once for all panels and the annotation', async () => {
  const fresh = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
  const summary = { queryType: 'summary' as const };
  await fresh.queryOnce(fresh.createDataSource(), summary, over(range));
  const alone = requestsSent(fresh);
  expect(alone.scans).toBeGreaterThan(10);
  // What is learned about the lines depends on the order of the answers: some requests more or fewer, no second scan.
  expect(Math.abs(sent.scans - alone.scans)).toBeLessThan(alone.scans / 8);
  // The table of services asks for times in those cells only in which a service was first or last used.
  expect(alone.lookUps).toBe(0);
  expect(sent.lookUps).toBeLessThan(sent.scans);
});

it('shows the truth in the summary', () => {
  const expected = expectedSummary(stack.truth, range);
  const columns = {
    Requests: ['requests_count_total', 'requests_count_sync', 'requests_count_async', 'requests_count_exposed'],
    Services: ['services_count_active', 'services_count_total'],
    Users: ['users_count'],
    Countries: ['countries_count'],
  };
  for (const [panel, shown] of Object.entries(columns)) {
    expect(rowDifferences(rowsOf(panel), columnsOf([{ ...expected }], shown))).toEqual([]);
  }
});

it('shows the truth by service, user and country', () => {
  expect(rowsOf('Usage by service').map((row) => [row.key, row.requests_count_total])).toEqual(
    expectedByService(stack.truth, range).map((row) => [row.key, row.requests_count_total])
  );
  const users = expectedByUser(stack.truth, range).map((row) => [row.key, row.executions_count] as const);
  const rest = users.slice(shownRows).reduce((sum, [, count]) => sum + Number(count), 0);
  expect(users.length).toBeGreaterThan(shownRows);
  expect(rowsOf('Usage by user').map((row) => [row.key, row.executions_count])).toEqual([
    ...users.slice(0, shownRows),
    ['(others)', rest],
  ]);
  expect(frameOf('Usage by user').meta?.notices).toEqual([]);
  expect(frameOf('Usage by user').meta?.custom?.remarks).toEqual([
    expect.stringContaining(`${(users.length - shownRows).toLocaleString('en-US')} of the users`),
  ]);
  for (const panel of ['Requests by country', 'Where requests come from']) {
    expect(rowsOf(panel).map((row) => [row.country, row.request_count])).toEqual(
      expectedByCountry(stack.truth, range).map((row) => [row.key, row.executions_count])
    );
  }
});

it('shows the same totals over time', () => {
  const expected = expectedSummary(stack.truth, range);
  expect(sumOf('Requests over time by service')).toBe(expected.requests_count_total);
  for (const type of ['sync', 'async', 'exposed'] as const) {
    expect(sumOf('Requests over time by type', type)).toBe(expected[`requests_count_${type}`]);
  }
  const [summary] = rowsOf('CPU and GPU hours');
  expect(sumOf('CPU hours over time by service')).toBeCloseTo(Number(summary?.cpu_hours_total), 6);
  expect(sumOf('GPU hours over time by service')).toBeCloseTo(Number(summary?.gpu_hours_total), 6);
});

it('draws no more series than a person can tell apart', () => {
  for (const title of ['Requests', 'CPU hours', 'GPU hours']) {
    const { fields } = frameOf(`${title} over time by service`);
    const names = fields.slice(1).map(({ labels }) => labels?.service);
    expect(names.length).toBeLessThanOrEqual(shownSeries + 1);
    expect(names.indexOf('(others)')).toBe(names.length > shownSeries ? shownSeries : -1);
  }
  expect(frameOf('Requests over time by service').fields).toHaveLength(shownSeries + 2);
});

it('finds no difference between the reports', () => {
  const rows = rowsOf('Reconciliation');
  expect(rows.map(({ figure }) => figure)).toContain('requests_count_total');
  expect(rows.filter(({ difference }) => Math.abs(Number(difference)) > 1e-9)).toEqual([]);
});

it('lists all sources', () => {
  expect(rowsOf('Sources')).toHaveLength(7);
});
