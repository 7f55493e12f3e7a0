import { DateTime } from 'luxon';

import { asCsv } from '../cli/output/csv';
import { dayMs, minuteMs } from '../src/core/domain/duration';
import { type RecordFamily } from '../src/core/records/dayRecord';
import { type Session } from '../src/core/session';
import { ask, type FigureAnswer, rowsOfAnswer } from '../stack/core/asking';
import { type Core } from '../stack/core/openCore';
import { type RequestLog } from '../stack/lib/requestLog';
import { recordDays } from '../stack/records/recordDays';
import { expectedByUser, expectedSummary, type Range, type Truth } from '../stack/traffic';
import { type Figures, openPanels } from './dashboard';
import { barePass, oscarDashboard, oscarPaging } from './lokiQueries';
import { openPage } from './page';
import { barePrometheus } from './prometheusQueries';

/** A row whose time is the unit of others; of several, their sum is. */
export type FloorRow = 'bare-30d' | 'bare-180d' | 'bare-prometheus-30d' | 'day';

/** Something that is measured several times. */
export interface BenchWork {
  name: string;
  /** What has the requests that it sends. */
  log: RequestLog;
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

/** The core on engines with data, and the truth about that. */
export interface Bench {
  core: Core;
  truth: Truth;
  /** Addresses of the engines. */
  loki: string;
  prometheus: string;
}

/** As a data source when a page is opened; it reads logs and samples, whatever records there are. */
function fromLogs(core: Core): Session {
  return core.open({ recordsSelector: '' });
}

/** The same at the default of the option: it takes what it can from usage records. */
function fromRecords(core: Core): Session {
  return core.open();
}

/** Whole days up to the end of the data, so that the floor looks at the same lines. `days`: at most those of the data. */
function lastDays({ parameters }: Truth, days: number): Range {
  const to = parameters.end - (parameters.end % dayMs);
  return { from: Math.max(to - days * dayMs, parameters.end - parameters.days * dayMs), to };
}

/** What is measured without metrics in Prometheus. */
export function requestWorks(bench: Bench): BenchWork[] {
  const { core, truth, loki } = bench;
  const [month, half] = [lastDays(truth, 30), lastDays(truth, 180)];
  const calendarMonth = lastMonth(truth);
  const moving = movingMonth(truth);
  const [warm, known] = [fromLogs(core), fromLogs(core)];
  const bare = (range: Range) => async () => {
    await barePass(core, range);
    return () => null;
  };
  const summary = (range: Range) => () => runSummary(fromLogs(core), truth, range);
  const refresh = () => runDashboard(warm, truth, moving());
  const again = () => runSummary(known, truth, half);
  const works: Array<Omit<BenchWork, 'log' | 'engines'>> = [
    { name: 'bare-30d', floor: ['bare-30d'], prepare: bare(month), run: bare(month) },
    { name: 'summary-30d', floor: ['bare-30d'], run: summary(month) },
    { name: 'dashboard-30d', floor: ['bare-30d'], run: () => runDashboard(fromLogs(core), truth, month) },
    { name: 'monthly-summary', floor: ['bare-30d'], run: summary(calendarMonth) },
    { name: 'breakdown-csv', floor: ['bare-30d'], run: () => exportUsers(fromLogs(core), truth, calendarMonth) },
    { name: 'refresh-30d', floor: ['bare-30d'], prepare: refresh, run: refresh },
    { name: 'bare-180d', floor: ['bare-180d'], run: bare(half) },
    { name: 'summary-180d', floor: ['bare-180d'], run: summary(half) },
    {
      name: 'summary-30d-records',
      floor: ['bare-30d'],
      prepare: () => recorded(bench, month, ['requests', 'exposed']),
      run: () => runSummary(fromRecords(core), truth, month),
    },
    {
      name: 'summary-180d-records',
      floor: ['bare-180d'],
      prepare: () => recorded(bench, half, ['requests', 'exposed']),
      run: () => runSummary(fromRecords(core), truth, half),
    },
    { name: 'summary-180d-again', floor: ['bare-180d'], prepare: again, run: again },
    {
      name: 'oscar-paging-30d',
      floor: ['bare-30d'],
      isPeer: true,
      run: async () => {
        const counted = await oscarPaging(core, month);
        // OSCAR counts what it rejected, too.
        return () => counted === expectedSummary(truth, month, undefined, 'count').requests_count_total;
      },
    },
    {
      name: 'oscar-dashboard-30d',
      floor: ['bare-30d'],
      isPeer: true,
      run: async () => {
        await oscarDashboard(core, month);
        return () => null;
      },
    },
  ];
  return works.map((work) => ({ ...work, log: core.log, engines: [loki] }));
}

/** The dashboard where Loki lets a query have ten times more series than by default. */
export function manySeriesWorks({ core, truth, loki }: Bench): BenchWork[] {
  const run = () => runDashboard(fromLogs(core), truth, lastDays(truth, 30));
  return [{ name: 'dashboard-30d-5000', log: core.log, engines: [loki], floor: ['bare-30d'], run }];
}

/** What is measured with metrics in Prometheus. */
export function pageWorks(bench: Bench): BenchWork[] {
  const { core, truth, loki, prometheus } = bench;
  const month = lastDays(truth, 30);
  const bare = async () => {
    await barePrometheus(core, month);
    return () => null;
  };
  const page = (open: typeof fromLogs) => async () => {
    const figures = await openPage(open(core), month);
    return () => figuresEqualTruth(figures, panelColumns, truth, month) && hoursAreNear(figures, truth, month);
  };
  return [
    {
      name: 'bare-prometheus-30d',
      log: core.log,
      engines: [prometheus],
      floor: ['bare-prometheus-30d'],
      prepare: bare,
      run: bare,
    },
    {
      name: 'page-30d',
      log: core.log,
      engines: [loki, prometheus],
      floor: ['bare-30d', 'bare-prometheus-30d'],
      run: page(fromLogs),
    },
    {
      name: 'page-30d-records',
      log: core.log,
      engines: [loki, prometheus],
      floor: ['bare-30d', 'bare-prometheus-30d'],
      prepare: () => recorded(bench, month),
      run: page(fromRecords),
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

async function runSummary(session: Session, truth: Truth, range: Range) {
  const answer = await ask(session, { queryType: 'summary' }, range);
  return () => equalsTruth(answer, truth, range);
}

/** The breakdown by user as `oscar-usage` writes it into a CSV file, each line of which is compared with the truth. */
async function exportUsers(session: Session, truth: Truth, range: Range) {
  const answer = await ask(session, { queryType: 'breakdown', groupBy: 'user' }, range);
  const csv = asCsv({ answer, zone: 'utc' });
  return () => {
    const lines = csv.trimEnd().split('\n').slice(1);
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

async function runDashboard(session: Session, truth: Truth, range: Range) {
  const figures = await openPanels(session, range);
  return () => figuresEqualTruth(figures, panelColumns, truth, range);
}

/** Says where a result differs, and whether the answer said so itself. */
export function equalsTruth(answer: FigureAnswer, truth: Truth, range: Range): boolean {
  const [row = {}] = rowsOfAnswer(answer);
  const isEqual = figuresEqualTruth(row as Figures, checkedColumns, truth, range);
  if (!isEqual) {
    for (const { source, status, missing, notes } of answer.completeness) {
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
