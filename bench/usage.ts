// npm run bench:usage: CPU and GPU hours of half a year of a large cluster from a real Prometheus, first and again, and what
// its costliest query took. --days 180, --lines 1080000 (about half of them are jobs with a pod each).
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import Table from 'cli-table3';

import { dayMs } from '../src/core/domain/duration';
import { type Session } from '../src/core/session';
import { ask, rowsOfAnswer } from '../stack/core/asking';
import { openCore } from '../stack/core/openCore';
import { stopEngines } from '../stack/engines';
import { UserError } from '../stack/lib/errors';
import { runProgram } from '../stack/lib/program';
import { createStages, type Log } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { type RequestLog, type UpstreamRequest } from '../stack/lib/requestLog';
import { openStack } from '../stack/openStack';
import { expectedSummary, type Range } from '../stack/traffic';
import { measure } from './measure';

/** What no query, and no second reading, may exceed. */
const limits = { queryMs: 10_000, points: 11_000, again: 0.05, halves: 1e-6, hours: 0.01 };

interface Reading {
  name: string;
  ms: number;
  hours: Hours;
  queries: UpstreamRequest[];
}

type Hours = Record<'cpu' | 'gpu', number>;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { days: { type: 'string', default: '180' }, lines: { type: 'string', default: '1080000' } },
  });
  const [days, lines] = [Number(values.days), Number(values.lines)];
  if (![days, lines].every((value) => Number.isInteger(value) && value > 0)) {
    throw new UserError('usage: npm run bench:usage -- [--days 180] [--lines 1080000]');
  }
  const log: Log = (line) => process.stderr.write(`${line}\n`);
  const { loki, prometheus, truth } = await openStack({
    directory: join(repositoryRoot, '.data', 'bench-usage'),
    traffic: { days, lines, services: 200, users: 4000 },
    lokiPort: 0,
    withMetrics: true,
    log,
    stages: createStages(log),
  });
  const core = openCore({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  const { end } = truth.parameters;
  const range = { from: end - days * dayMs, to: end };
  const session = core.open();
  const readings = [await read(core.log, session, 'first', range), await read(core.log, session, 'again', range)];
  const cut = days > 1 ? await cutInTwo(core.log, core.open(), range) : undefined;
  const expected = expectedSummary(truth, range);
  log(tableOf(readings));
  const problems = problemsOf(readings, cut, {
    cpu: expected.cpu_hours_total ?? 0,
    gpu: expected.gpu_hours_total ?? 0,
  });
  if (problems.length > 0) {
    throw new UserError(problems.join('\n'));
  }
  log(
    `no query took over ${limits.queryMs / 1000} s or had over ${limits.points} points; the sums equal those of two halves`
  );
}

const queries = {
  cpu: { queryType: 'metric', metric: 'cpu-hours' },
  gpu: { queryType: 'metric', metric: 'gpu-hours' },
} as const;
const kinds = ['cpu', 'gpu'] as const;

/** Reads CPU and GPU hours of all services, one after the other. */
async function read(requests: RequestLog, session: Session, name: string, range: Range): Promise<Reading> {
  const hours: Hours = { cpu: NaN, gpu: NaN };
  const { cost } = await measure(requests, async () => {
    for (const kind of kinds) {
      const answer = await ask(session, queries[kind], range);
      hours[kind] = rowsOfAnswer(answer).reduce((sum, { value }) => sum + Number(value), 0);
    }
    return () => null;
  });
  return { name, ms: cost.ms, hours, queries: requests.requests.filter(({ engine }) => engine === 'prometheus') };
}

/** The hours of both halves of a range, cut within a day. */
async function cutInTwo(requests: RequestLog, session: Session, range: Range): Promise<Hours> {
  const middle = range.from + Math.floor((range.to - range.from) * 0.47) + 12_345;
  const halves = [
    await read(requests, session, 'first half', { from: range.from, to: middle }),
    await read(requests, session, 'second half', { from: middle, to: range.to }),
  ];
  const sumOf = (kind: keyof Hours) => halves.reduce((sum, { hours }) => sum + hours[kind], 0);
  return { cpu: sumOf('cpu'), gpu: sumOf('gpu') };
}

function pointsOf({ parameters }: UpstreamRequest): number {
  const step = Number(parameters.get('step'));
  return step > 0 ? (Number(parameters.get('end')) - Number(parameters.get('start'))) / step + 1 : 1;
}

function most(queries: readonly UpstreamRequest[], value: (query: UpstreamRequest) => number): number {
  return Math.round(Math.max(0, ...queries.map(value)));
}

function problemsOf([first, again]: readonly Reading[], cut: Hours | undefined, truth: Hours): string[] {
  if (!first || !again) {
    return ['nothing was read'];
  }
  const off = (a: number, b: number) => Math.abs(a / b - 1);
  return [
    ...(most(first.queries, ({ ms }) => ms ?? 0) > limits.queryMs ? ['a query took too long'] : []),
    ...(most(first.queries, pointsOf) > limits.points ? ['a query has too many points'] : []),
    ...(again.ms > limits.again * first.ms ? ['cached data was read again'] : []),
    ...kinds.flatMap((kind) =>
      again.hours[kind] === first.hours[kind] ? [] : [`${kind} hours changed when read again`]
    ),
    ...kinds.flatMap((kind) =>
      cut && off(cut[kind], first.hours[kind]) > limits.halves ? [`${kind} hours of both halves are ${cut[kind]}`] : []
    ),
    ...(off(first.hours.cpu, truth.cpu) > limits.hours ? [`CPU hours should be ${truth.cpu.toFixed(1)}`] : []),
  ];
}

function tableOf(readings: readonly Reading[]): string {
  const table = new Table({
    head: ['', 'ms', 'queries', 'longest query, ms', 'most points', 'CPU hours', 'GPU hours'],
    colAligns: ['left', ...new Array<'right'>(6).fill('right')],
    style: { head: [], border: [] },
  });
  for (const { name, ms, hours, queries } of readings) {
    const longest = most(queries, (query) => query.ms ?? 0);
    table.push([
      name,
      Math.round(ms),
      queries.length,
      longest,
      most(queries, pointsOf),
      hours.cpu.toFixed(2),
      hours.gpu.toFixed(2),
    ]);
  }
  return table.toString();
}

runProgram(main, stopEngines);
