import { type DataFrame } from '@grafana/data';
import { DateTime } from 'luxon';

import { dayMs, minuteMs } from '../src/core/domain/duration';
import { type RecordFamily } from '../src/core/records/dayRecord';
import { rowsOf } from '../stack/demo/rows';
import { type Host } from '../stack/host';
import { recordDays } from '../stack/records/recordDays';
import { expectedByUser, expectedSummary, type Range, type Truth } from '../stack/traffic';
import { answer, type DataSource, fresh, freshWithRecords } from './answer';
import { csvOf } from './csv';
import { type Figures, openPanels } from './dashboard';
import { barePass, oscarDashboard, oscarPaging } from './lokiQueries';
import { openPage } from './page';
import { barePrometheus } from './prometheusQueries';

/** What the frame says about a source. */
interface SourceEntry {
  source: string;
  status: string;
  missing: Array<{ from: string; to: string }>;
  notes: string[];
}

/** A row whose time is the unit of others; of several, their sum is. */
export type FloorRow = 'bare-30d' | 'bare-180d' | 'bare-prometheus-30d' | 'day';

/** Something that is measured several times. */
export interface BenchWork {
  name: string;
  /** Through which it asks. */
  host: Host;
  /** Addresses of the engines whose processor time counts. */
  engines: readonly string[];
  floor: readonly FloorRow[];
  /** What others do for the same figures: whether it equals the truth is shown, and fails nothing. */
  isPeer?: boolean;
  /** Runs once before it is measured. */
  prepare?: () => Promise<unknown>;
  /** Gives the check of the result, which is not part of the time: null where there is nothing to compare. */
  run: () => Promise<() => boolean | null>;
}

/** A host on engines with data, and the truth about that. */
export interface Bench {
  host: Host;
  truth: Truth;
  /** Addresses of the engines. */
  loki: string;
  prometheus: string;
}

/** Whole days up to the end of the data, so that the floor looks at the same lines. `days`: at most those of the data. */
function lastDays({ parameters }: Truth, days: number): Range {
  const to = parameters.end - (parameters.end % dayMs);
  return { from: Math.max(to - days * dayMs, parameters.end - parameters.days * dayMs), to };
}

/** What is measured without metrics in Prometheus. */
export function requestWorks(bench: Bench): BenchWork[] {
  const { host, truth, loki } = bench;
  const [month, half] = [lastDays(truth, 30), lastDays(truth, 180)];
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
  const works: Array<Omit<BenchWork, 'host' | 'engines'>> = [
    { name: 'bare-30d', floor: ['bare-30d'], prepare: bare(month), run: bare(month) },
    { name: 'summary-30d', floor: ['bare-30d'], run: summary(month) },
    { name: 'dashboard-30d', floor: ['bare-30d'], run: () => runDashboard(host, fresh(host), truth, month) },
    { name: 'monthly-summary', floor: ['bare-30d'], run: summary(calendarMonth) },
    { name: 'breakdown-csv', floor: ['bare-30d'], run: () => exportUsers(host, fresh(host), truth, calendarMonth) },
    { name: 'refresh-30d', floor: ['bare-30d'], prepare: refresh, run: refresh },
    { name: 'bare-180d', floor: ['bare-180d'], run: bare(half) },
    { name: 'summary-180d', floor: ['bare-180d'], run: summary(half) },
    {
      name: 'summary-30d-records',
      floor: ['bare-30d'],
      prepare: () => recorded(bench, month, ['requests', 'exposed']),
      run: () => runSummary(host, freshWithRecords(host), truth, month),
    },
    {
      name: 'summary-180d-records',
      floor: ['bare-180d'],
      prepare: () => recorded(bench, half, ['requests', 'exposed']),
      run: () => runSummary(host, freshWithRecords(host), truth, half),
    },
    { name: 'summary-180d-again', floor: ['bare-180d'], prepare: again, run: again },
    {
      name: 'oscar-paging-30d',
      floor: ['bare-30d'],
      isPeer: true,
      run: async () => {
        const counted = await oscarPaging(host, month);
        // OSCAR counts what it rejected, too.
        return () => counted === expectedSummary(truth, month, undefined, 'count').requests_count_total;
      },
    },
    {
      name: 'oscar-dashboard-30d',
      floor: ['bare-30d'],
      isPeer: true,
      run: async () => {
        await oscarDashboard(host, month);
        return () => null;
      },
    },
  ];
  return works.map((work) => ({ ...work, host, engines: [loki] }));
}

/** The dashboard where Loki lets a query have ten times more series than by default. */
export function manySeriesWorks({ host, truth, loki }: Bench): BenchWork[] {
  const run = () => runDashboard(host, fresh(host), truth, lastDays(truth, 30));
  return [{ name: 'dashboard-30d-5000', host, engines: [loki], floor: ['bare-30d'], run }];
}

/** What is measured with metrics in Prometheus. */
export function pageWorks(bench: Bench): BenchWork[] {
  const { host, truth, loki, prometheus } = bench;
  const month = lastDays(truth, 30);
  const bare = async () => {
    await barePrometheus(host, month);
    return () => null;
  };
  const page = (open: typeof fresh) => async () => {
    const figures = await openPage(host, open(host), month);
    return () => figuresEqualTruth(figures, panelColumns, truth, month) && hoursAreNear(figures, truth, month);
  };
  return [
    {
      name: 'bare-prometheus-30d',
      host,
      engines: [prometheus],
      floor: ['bare-prometheus-30d'],
      prepare: bare,
      run: bare,
    },
    {
      name: 'page-30d',
      host,
      engines: [loki, prometheus],
      floor: ['bare-30d', 'bare-prometheus-30d'],
      run: page(fresh),
    },
    {
      name: 'page-30d-records',
      ...{ host, engines: [loki, prometheus], floor: ['bare-30d', 'bare-prometheus-30d'] },
      prepare: () => recorded(bench, month),
      run: page(freshWithRecords),
    },
  ];
}

/** Has days recorded that have no record yet, and says what that cost. */
async function recorded({ loki, prometheus }: Bench, range: Range, families?: readonly RecordFamily[]): Promise<void> {
  const started = performance.now();
  const written = await recordDays({ lokiUrl: loki, prometheusUrl: prometheus, range, families });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  for (const [family, { days, kilobytes }] of Object.entries(written).filter(([, { days }]) => days > 0)) {
    process.stderr.write(
      `   recorded ${family} of ${days} days, ${(kilobytes / 1000).toFixed(1)} MB, all in ${seconds} s\n`
    );
  }
}

/** CPU hours are measured, so that they are as near as `npm run accuracy` demands of samples every two minutes. */
const largestShareOff = 0.03;

function hoursAreNear(figures: Figures, truth: Truth, range: Range): boolean {
  const hours = Number(figures['cpu_hours_total']);
  const expected = expectedSummary(truth, range).cpu_hours_total ?? NaN;
  const isNear = Math.abs(hours / expected - 1) <= largestShareOff;
  if (!isNear) {
    process.stderr.write(`   cpu_hours_total is ${hours} instead of ${expected}\n`);
  }
  return isNear;
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

/** What the stat panels of the dashboard show: all but the list of countries. */
const panelColumns = checkedColumns.filter((column) => column !== 'countries');

async function runDashboard(host: Host, dataSource: DataSource, truth: Truth, range: Range) {
  const figures = await openPanels(host, dataSource, range);
  return () => figuresEqualTruth(figures, panelColumns, truth, range);
}

/** Says where a result differs, and whether the frame said so itself. */
export function equalsTruth(frame: DataFrame, truth: Truth, range: Range): boolean {
  const [row = {}] = rowsOf(frame);
  const isEqual = figuresEqualTruth(row as Figures, checkedColumns, truth, range);
  if (!isEqual) {
    for (const { source, status, missing, notes } of (frame.meta?.custom?.completeness ?? []) as SourceEntry[]) {
      const spans = missing.map(({ from, to }) => `${from} to ${to}`).join(', ');
      process.stderr.write(`   ${source}: ${status} ${spans} ${notes.join('; ')}\n`);
    }
  }
  return isEqual;
}

/** Says which of some figures differ; one that is not there does. */
function figuresEqualTruth(
  figures: Figures,
  columns: ReadonlyArray<(typeof checkedColumns)[number]>,
  truth: Truth,
  range: Range
): boolean {
  const expected = expectedSummary(truth, range);
  const different = columns.filter((column) => figures[column] !== expected[column]);
  for (const column of different) {
    process.stderr.write(`   ${column} is ${String(figures[column])} instead of ${String(expected[column])}\n`);
  }
  return different.length === 0;
}
