import { type DataFrame } from '@grafana/data';
import { DateTime } from 'luxon';

import { rowsOf } from '../stack/demo/rows';
import { type Host } from '../stack/host';
import { expectedByUser, expectedSummary, type Range, type Truth } from '../stack/traffic';
import { csvOf } from './csv';
import { dashboardQueries } from './dashboard';
import { barePass, oscarDashboard, oscarPaging } from './lokiQueries';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

type DataSource = ReturnType<Host['createDataSource']>;

/** What the frame says about a source. */
interface SourceEntry {
  source: string;
  status: string;
  missing: Array<{ from: string; to: string }>;
  notes: string[];
}

/** A row whose time is the unit of others. */
export type Floor = 'bare-30d' | 'bare-180d' | 'day';

/** Something that is measured several times. */
export interface BenchWork {
  name: string;
  /** Through which it asks. */
  host: Host;
  floor: Floor;
  /** Runs once before it is measured. */
  prepare?: () => Promise<unknown>;
  /** Gives the check of the result, which is not part of the time: null where there is nothing to compare. */
  run: () => Promise<() => boolean | null>;
}

/** What the benchmark measures, in the order of its table. */
export function benchWorks(host: Host, truth: Truth): BenchWork[] {
  // Whole days, so that the floor looks at the same lines.
  const to = truth.parameters.end - (truth.parameters.end % dayMs);
  const month = { from: to - 30 * dayMs, to };
  const half = { from: Math.max(to - 180 * dayMs, truth.parameters.end - truth.parameters.days * dayMs), to };
  const calendarMonth = lastMonth(truth);
  const moving = movingMonth(truth);
  const [warm, known] = [fresh(host), fresh(host)];
  const bare = (range: Range) => async () => {
    await barePass(host, range);
    return () => null;
  };
  const summary = (range: Range) => () => runSummary(host, fresh(host), truth, range);
  const refresh = () => runDashboard(host, warm, truth, moving());
  const again = () => runSummary(host, known, truth, half);
  const works: Array<Omit<BenchWork, 'host'>> = [
    { name: 'bare-30d', floor: 'bare-30d', prepare: bare(month), run: bare(month) },
    { name: 'summary-30d', floor: 'bare-30d', run: summary(month) },
    { name: 'dashboard-30d', floor: 'bare-30d', run: () => runDashboard(host, fresh(host), truth, month) },
    { name: 'monthly-summary', floor: 'bare-30d', run: summary(calendarMonth) },
    { name: 'breakdown-csv', floor: 'bare-30d', run: () => exportUsers(host, fresh(host), truth, calendarMonth) },
    { name: 'refresh-30d', floor: 'bare-30d', prepare: refresh, run: refresh },
    { name: 'bare-180d', floor: 'bare-180d', run: bare(half) },
    { name: 'summary-180d', floor: 'bare-180d', run: summary(half) },
    { name: 'summary-180d-again', floor: 'bare-180d', prepare: again, run: again },
    {
      name: 'oscar-paging-30d',
      floor: 'bare-30d',
      run: async () => {
        const counted = await oscarPaging(host, month);
        // OSCAR counts what it rejected, too.
        return () => counted === expectedSummary(truth, month, undefined, 'count').requests_count_total;
      },
    },
    {
      name: 'oscar-dashboard-30d',
      floor: 'bare-30d',
      run: async () => {
        await oscarDashboard(host, month);
        return () => null;
      },
    },
  ];
  return works.map((work) => ({ ...work, host }));
}

/** As Grafana makes it when a page is opened. */
export function fresh(host: Host): DataSource {
  return host.createDataSource({ prometheusUid: 'prometheus', lokiUid: 'loki' });
}

/** The last 30 days, one minute later each time, as a dashboard that refreshes asks for them. */
function movingMonth({ parameters }: Truth): () => Range {
  let to = parameters.end - 10 * minuteMs;
  return () => {
    to += minuteMs;
    return { from: to - 30 * dayMs, to };
  };
}

const checkedColumns = [
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_rejected',
  'requests_count_failed',
  'countries_count',
  'countries',
  'users_count',
  'services_count_total',
] as const;

async function runSummary(host: Host, dataSource: DataSource, truth: Truth, range: Range) {
  const frame = await answer(host, dataSource, { queryType: 'summary' }, range);
  return () => equalsTruth(frame, truth, range);
}

/** The breakdown by user as the panel inspector exports it, each line of which is compared with the truth. */
async function exportUsers(host: Host, dataSource: DataSource, truth: Truth, range: Range) {
  const query = { queryType: 'breakdown', groupBy: 'user' };
  const frame = await answer(host, dataSource, query, range);
  const csv = csvOf(frame);
  return () => {
    const lines = csv.trimEnd().split('\r\n').slice(1);
    const expected = expectedByUser(truth, range);
    return (
      lines.length === expected.length &&
      expected.every(({ key, executions_count }, index) => {
        const line = lines[index] ?? '';
        return line.includes(key) && line.includes(`,${executions_count},`);
      })
    );
  };
}

/** The last whole calendar month, in UTC. */
function lastMonth({ parameters }: Truth): Range {
  const to = DateTime.fromMillis(parameters.end, { zone: 'utc' }).startOf('month');
  return { from: to.minus({ months: 1 }).toMillis(), to: to.toMillis() };
}

/** All panels at once, as Grafana starts them. The first one is compared with the truth, which the others share. */
async function runDashboard(host: Host, dataSource: DataSource, truth: Truth, range: Range) {
  const [summaryFrame] = await Promise.all(dashboardQueries.map((query) => answer(host, dataSource, query, range)));
  return () => summaryFrame !== undefined && equalsTruth(summaryFrame, truth, range);
}

/** The frame of one query. Throws when there is none. */
export async function answer(
  host: Host,
  dataSource: DataSource,
  query: object,
  { from, to }: Range
): Promise<DataFrame> {
  const target = query as Parameters<Host['queryOnce']>[1];
  const { response, error } = await host.queryOnce(dataSource, target, { from, to: to - 1, timezone: 'utc' });
  const frame = response?.data[0] as DataFrame | undefined;
  if (!frame) {
    throw new Error(`a query returned no frame: ${JSON.stringify(error)}`);
  }
  return frame;
}

/** Says where a result differs, and whether the frame said so itself. */
export function equalsTruth(frame: DataFrame, truth: Truth, range: Range): boolean {
  const [row = {}] = rowsOf(frame);
  const expected = expectedSummary(truth, range);
  const different = checkedColumns.filter((column) => row[column] !== expected[column]);
  for (const column of different) {
    process.stderr.write(`   ${column} is ${String(row[column])} instead of ${String(expected[column])}\n`);
  }
  if (different.length > 0) {
    for (const { source, status, missing, notes } of (frame.meta?.custom?.completeness ?? []) as SourceEntry[]) {
      const spans = missing.map(({ from, to }) => `${from} to ${to}`).join(', ');
      process.stderr.write(`   ${source}: ${status} ${spans} ${notes.join('; ')}\n`);
    }
  }
  return different.length === 0;
}
