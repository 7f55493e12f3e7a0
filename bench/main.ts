// npm run bench: the plugin and its peers against one and the same real Loki at default limits, in one run.
// --size s (default) or m, --runs 3, --json for one line of JSON at the end.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { type DataFrame } from '@grafana/data';
import Table from 'cli-table3';
import { DateTime } from 'luxon';

import { rowsOf } from '../stack/demo/rows';
import { stopEngines } from '../stack/engines';
import { createHost, type Host } from '../stack/host';
import { UserError } from '../stack/lib/errors';
import { runProgram } from '../stack/lib/program';
import { createStages, type Log } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { openStack } from '../stack/openStack';
import { expectedByUser, expectedSummary, type Range, type TrafficParameters, type Truth } from '../stack/traffic';
import { csvOf } from './csv';
import { dashboardQueries } from './dashboard';
import { barePass, oscarDashboard, oscarPaging } from './lokiQueries';
import { measure, median, type Run } from './measure';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

const sizes: Readonly<Record<string, Partial<TrafficParameters>>> = {
  s: {},
  m: { lines: 3_000_000, services: 200, users: 10_000 },
};

type DataSource = ReturnType<Host['createDataSource']>;

/** What the frame says about a source. */
interface SourceEntry {
  source: string;
  status: string;
  missing: Array<{ from: string; to: string }>;
  notes: string[];
}

interface BenchRow {
  name: string;
  /** The row whose time is the unit of this one's. */
  floor: 'bare-30d' | 'bare-180d';
  runs: Run[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 's' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
    },
  });
  const traffic = sizes[values.size];
  const runs = Number(values.runs);
  if (!traffic || !Number.isInteger(runs) || runs < 1) {
    throw new UserError('usage: npm run bench -- [--size s|m] [--runs 3] [--only name,name] [--json]');
  }
  // What people read goes to standard error, so that standard output is the JSON alone.
  const log: Log = (line) => process.stderr.write(`${line}\n`);
  const { loki, prometheus, truth } = await openStack({
    directory: join(repositoryRoot, '.data', `bench-${values.size}`),
    traffic,
    withMetrics: false,
    log,
    stages: createStages(log),
  });
  const host = await createHost({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  const only = values.only?.split(',');
  const rows = await measureAll(host, truth, runs, log, (name) => !only || only.includes(name));
  log(`\nsize ${values.size}: ${truth.parameters.lines.toLocaleString('en-US')} requests; median of ${runs} runs`);
  log(tableOf(rows));
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ size: values.size, rows: rows.map(jsonRow) })}\n`);
  }
  if (rows.some((row) => isEqual(row) === false)) {
    throw new UserError('a result differs from the truth');
  }
}

async function measureAll(
  host: Host,
  truth: Truth,
  runs: number,
  log: Log,
  wanted: (name: string) => boolean
): Promise<BenchRow[]> {
  // Whole days, so that the floor looks at the same lines.
  const to = truth.parameters.end - (truth.parameters.end % dayMs);
  const month = { from: to - 30 * dayMs, to };
  const half = { from: Math.max(to - 180 * dayMs, truth.parameters.end - truth.parameters.days * dayMs), to };
  const rows: BenchRow[] = [];
  const add = async (name: string, floor: BenchRow['floor'], run: () => Promise<Run>, times = runs) => {
    if (!wanted(name)) {
      return;
    }
    const results: Run[] = [];
    for (let index = 0; index < times; index += 1) {
      results.push(await run());
    }
    rows.push({ name, floor, runs: results });
    log(`   ${name}: ${results.map(({ cost }) => Math.round(cost.ms)).join(', ')} ms`);
  };
  const bare = (range: Range) => () =>
    measure(host, async () => {
      await barePass(host, range);
      return () => null;
    });
  const summary = (dataSource: () => DataSource, range: Range) => () =>
    measure(host, () => runSummary(host, dataSource(), truth, range));

  await bare(month)();
  await add('bare-30d', 'bare-30d', bare(month));
  await add(
    'summary-30d',
    'bare-30d',
    summary(() => fresh(host), month)
  );
  await add('dashboard-30d', 'bare-30d', () => measure(host, () => runDashboard(host, fresh(host), truth, month)));
  const calendarMonth = lastMonth(truth);
  await add(
    'monthly-summary',
    'bare-30d',
    summary(() => fresh(host), calendarMonth)
  );
  await add('breakdown-csv', 'bare-30d', () =>
    measure(host, () => exportUsers(host, fresh(host), truth, calendarMonth))
  );
  const warm = fresh(host);
  const moving = movingMonth(truth);
  if (wanted('refresh-30d')) {
    await runDashboard(host, warm, truth, moving());
  }
  await add('refresh-30d', 'bare-30d', () => measure(host, () => runDashboard(host, warm, truth, moving())));
  await add('bare-180d', 'bare-180d', bare(half));
  await add(
    'summary-180d',
    'bare-180d',
    summary(() => fresh(host), half)
  );
  const known = fresh(host);
  if (wanted('summary-180d-again')) {
    await runSummary(host, known, truth, half);
  }
  await add(
    'summary-180d-again',
    'bare-180d',
    summary(() => known, half)
  );
  await add('oscar-paging-30d', 'bare-30d', () =>
    measure(host, async () => {
      const counted = await oscarPaging(host, month);
      return () => counted === expectedSummary(truth, month).requests_count_total;
    })
  );
  await add('oscar-dashboard-30d', 'bare-30d', () =>
    measure(host, async () => {
      await oscarDashboard(host, month);
      return () => null;
    })
  );
  return rows;
}

/** As Grafana makes it when a page is opened. */
function fresh(host: Host): DataSource {
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

async function answer(host: Host, dataSource: DataSource, query: object, { from, to }: Range): Promise<DataFrame> {
  const target = query as Parameters<Host['queryOnce']>[1];
  const { response, error } = await host.queryOnce(dataSource, target, { from, to: to - 1, timezone: 'utc' });
  const frame = response?.data[0] as DataFrame | undefined;
  if (!frame) {
    throw new Error(`a query brought no frame: ${JSON.stringify(error)}`);
  }
  return frame;
}

/** Says where a result differs, and whether the frame said so itself. */
function equalsTruth(frame: DataFrame, truth: Truth, range: Range): boolean {
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

function isEqual({ runs }: BenchRow): boolean | null {
  const checked = runs.map(({ equal }) => equal).filter((equal) => equal !== null);
  return checked.length === 0 ? null : checked.every(Boolean);
}

function medianOf({ runs }: BenchRow, key: keyof Run['cost']): number {
  return median(runs.map(({ cost }) => cost[key]));
}

function jsonRow(row: BenchRow) {
  const whole = (key: keyof Run['cost']) => Math.round(medianOf(row, key));
  return {
    name: row.name,
    ms: Math.round(medianOf(row, 'ms') * 10) / 10,
    requests: whole('requests'),
    bytes: whole('bytes'),
    lines: whole('lines'),
    heap: whole('heap'),
    equal: isEqual(row),
    client_ms: whole('clientMs'),
    blocked_ms: whole('blockedMs'),
  };
}

function tableOf(rows: readonly BenchRow[]): string {
  const table = new Table({
    head: ['', 'ms', '× bare', 'requests', 'kB', 'lines', 'heap MB', 'client ms', 'blocked ms', 'equal'],
    colAligns: ['left', ...new Array<'right'>(8).fill('right'), 'left'],
    style: { head: [], border: [] },
  });
  const timeOf = (name: string) => {
    const row = rows.find((one) => one.name === name);
    return row ? medianOf(row, 'ms') : NaN;
  };
  for (const row of rows) {
    const { name, ms, requests, bytes, lines, heap, equal, client_ms, blocked_ms } = jsonRow(row);
    table.push([
      name,
      Math.round(ms),
      (ms / timeOf(row.floor)).toFixed(2),
      requests,
      Math.round(bytes / 1000),
      lines,
      (heap / 1e6).toFixed(1),
      client_ms,
      blocked_ms,
      equal === null ? '–' : equal ? 'yes' : 'NO',
    ]);
  }
  return table.toString();
}

runProgram(main, stopEngines);
