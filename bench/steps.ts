import { parseArgs } from 'node:util';

import Table from 'cli-table3';

import { dayMs } from '../src/core/domain/duration';
import { type ReportContext } from '../src/core/reports/report';
import { type Cell } from '../src/core/requests/cell';
import { type Work } from '../src/core/runtime/turns';
import { type Gathered } from '../src/core/sources/source';
import { type OscarQuery } from '../src/grafana/types';
import { installBrowserGlobals } from '../stack/host/environment';
import { UserError } from '../stack/lib/errors';
import { runProgram } from '../stack/lib/program';

const usage = `usage: node scripts/run.mjs bench/steps.ts [--users 100000] [--services 20000]

Measures the longest time for which making rows and frames blocks the page between two interruptions. Each query is answered several
times without a cache, and the best run counts. Times are processor times of this process, including garbage collection,
so other programs do not matter. No engines are used: the requests are generated, three for each user.`;

/** What no step may exceed, in ms. */
const maxMs = 50;

const repetitions = 5;

const queries: ReadonlyArray<Omit<OscarQuery, 'refId'>> = [
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'user', limit: 100 },
  { queryType: 'breakdown', groupBy: 'user', interval: 'week', limit: 10 },
  { queryType: 'breakdown', groupBy: 'user', format: 'timeseries', interval: 'month' },
  { queryType: 'breakdown', groupBy: 'user', format: 'timeseries', limit: 10 },
  { queryType: 'breakdown', groupBy: 'service' },
  { queryType: 'breakdown', groupBy: 'service', limit: 100 },
  { queryType: 'breakdown', groupBy: 'service', format: 'timeseries', limit: 10 },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'country' },
  { queryType: 'membership' },
  { queryType: 'membership', format: 'timeseries' },
  { queryType: 'services' },
  { queryType: 'metric', metric: 'requests-per-user', limit: 100 },
  { queryType: 'metric' },
  { queryType: 'summary' },
  { queryType: 'reconciliation' },
];

async function main(): Promise<void> {
  const options = {
    users: { type: 'string', default: '100000' },
    services: { type: 'string', default: '20000' },
  } as const;
  const { values } = parseArgs({ options });
  const [users, services] = [Number(values.users), Number(values.services)];
  if (![users, services].every((value) => Number.isInteger(value) && value > 0)) {
    throw new UserError(usage);
  }
  // The packages of Grafana want the browser's globals when they are loaded.
  installBrowserGlobals({ timezone: 'utc', orgId: 1, grafanaVersion: '12.4.2' });
  const steps = await createSteps(users, services);
  const table = new Table({
    head: ['query', 'rows or series', 'longest block (ms)', 'all (ms)', 'blocks'],
    colAligns: ['left', ...new Array<'right'>(4).fill('right')],
    style: { head: [], border: [] },
  });
  let worst = 0;
  for (const query of queries) {
    const runs = Array.from({ length: repetitions }, () => {
      globalThis.gc?.();
      return steps(query);
    });
    const [longest, total] = [least(runs.map((run) => run.longest)), least(runs.map((run) => run.total))];
    worst = Math.max(worst, longest);
    table.push([JSON.stringify(query), runs[0]?.size, longest.toFixed(1), total.toFixed(0), runs[0]?.blocks]);
  }
  process.stdout.write(
    `${table.toString()}\n${users} users, ${services} services: longest block ${worst.toFixed(1)} ms, goal ${maxMs} ms\n`
  );
}

function least(values: readonly number[]): number {
  return values.reduce((best, value) => Math.min(best, value), Infinity);
}

interface Measured {
  /** Rows, or fields of a time series. */
  size: number;
  /** ms between two interruptions at most. */
  longest: number;
  total: number;
  blocks: number;
}

/** Thirty days of requests by many users to many services, and what answers a query about them as the page does. */
async function createSteps(users: number, services: number) {
  const [{ stateOfSpans }, { sourceNames }, { KeyTable }, { reports }, run, { selectionOf }, shown, membership] = [
    await import('../src/core/completeness/model'),
    await import('../src/core/domain/sources'),
    await import('../src/core/requests/keyTable'),
    await import('../src/core/reports/registry'),
    await import('../src/core/reports/runReport'),
    await import('../src/core/reports/selection'),
    {
      ...(await import('../src/core/reports/series')),
      ...(await import('../src/core/reports/table')),
      ...(await import('../src/grafana/frames/answerFrames')),
    },
    await import('../src/core/domain/membership'),
  ];
  const days = 30;
  const range = { start: Date.UTC(2026, 5, 1), end: Date.UTC(2026, 5, 1) + days * dayMs };
  const table = new KeyTable(() => undefined, '');
  const keysByDay = Array.from({ length: days }, () => new Set<number>());
  const countries = ['ES', 'US', 'DE', 'FR', 'unknown'];
  for (let request = 0; request < users * 3; request += 1) {
    const user = request % users;
    const id = table.intern({
      type: request % 2 === 0 ? 'sync' : 'async',
      service: `service-${(user * 7919 + Math.floor(request / users) * 31) % services}`,
      user: `${user.toString(16).padStart(16, '0')}@egi.eu`,
      country: countries[user % countries.length] ?? '',
      auth: '',
      outcome: 'succeeded',
    });
    keysByDay[(user * 11 + request) % days]?.add(id);
  }
  const cells = keysByDay.map((keys, day): Cell => {
    const ids = Uint32Array.from(keys).sort();
    const start = range.start + day * dayMs;
    return { start, end: start + dayMs, ids, counts: ids.map((id) => 1 + (id % 5)), unparsed: 0 };
  });
  const states = new Map(
    sourceNames.map((source) => [source, stateOfSpans(source, range, [], [], range.end)] as const)
  );
  const windows = cells.map(({ start, end }, day) => ({
    start,
    end,
    hours: new Map(Array.from({ length: 50 }, (_, index) => [`service-${day * 50 + index}`, index / 7] as const)),
  }));
  const usageView = { windows, missing: [], notes: [], warnings: [] };
  // What is counted is kept with the view.
  const gatheredAnew = (): Gathered => ({
    requests: { span: range, cells, missing: [], table },
    cpu: usageView,
    gpu: usageView,
    inventory: { services: Array.from({ length: 500 }, (_, index) => `service-${index}`) } as Gathered['inventory'],
    states,
    failed: [],
  });
  const membershipOf = membership.membershipClassifier([], membership.defaultMembershipRules);
  return (target: Omit<OscarQuery, 'refId'>): Measured => {
    const query: OscarQuery = { refId: 'A', ...target };
    const report = reports[query.queryType];
    const context: ReportContext = { query, services: undefined, membershipOf, rejectedRequests: 'separate' };
    const circumstances = { executedQueries: '', notices: [], remarks: [], completeness: [], loading: false };
    const gathered = gatheredAnew();
    const isSeries = query.format === 'timeseries';
    const unit = query.interval === 'auto' ? 'day' : (query.interval ?? (isSeries ? 'day' : undefined));
    function* answer() {
      if (isSeries) {
        const { blocks } = yield* run.runSeries(report, context, gathered, range, unit ?? 'day', 'UTC');
        const timeSeries = yield* shown.timeSeriesOf(blocks);
        return shown.answerFrames({ kind: 'timeseries', timeSeries, ...circumstances }, query);
      }
      const { blocks } = yield* run.runReport(report, context, gathered, range, unit, 'UTC');
      const table = yield* shown.tableOf(selectionOf(report, query).shown, blocks);
      return shown.answerFrames({ kind: 'table', table, ...circumstances }, query);
    }
    const { result, ...times } = measured(answer());
    const [frame] = result;
    return { size: (isSeries ? (frame?.fields.length ?? 1) - 1 : frame?.length) ?? 0, ...times };
  };
}

function measured<T>(work: Work<T>): { result: T; longest: number; total: number; blocks: number } {
  let [longest, total, blocks] = [0, 0, 0];
  for (;;) {
    const start = process.cpuUsage();
    const step = work.next();
    const { user, system } = process.cpuUsage(start);
    const ms = (user + system) / 1000;
    longest = Math.max(longest, ms);
    total += ms;
    blocks += 1;
    if (step.done) {
      return { result: step.value, longest, total, blocks };
    }
  }
}

runProgram(main);
