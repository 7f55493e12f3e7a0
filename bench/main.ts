// npm run bench: the plugin's core and its peers against one and the same real Loki at default limits, in one run.
// --size s (default) or m, --runs 3, --json for one line of JSON at the end, --profile for a flame graph of each row.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import Table from 'cli-table3';

import { openCore } from '../stack/core/openCore';
import { stopEngines } from '../stack/engines';
import { UserError } from '../stack/lib/errors';
import { runProgram } from '../stack/lib/program';
import { createStages, type Log, type Stages } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { openStack, type StackOptions } from '../stack/openStack';
import { createParameters, type TrafficParameters } from '../stack/traffic';
import { awaitCompaction } from './compaction';
import { costOfInvented, dayRows, floodedDayWorks } from './floodedDay';
import { measure, median, type Run } from './measure';
import { profileEach } from './profile';
import { type Bench, type BenchWork, manySeriesWorks, pageWorks, requestWorks } from './works';

const sizes: Readonly<Record<string, Partial<TrafficParameters>>> = {
  s: {},
  m: { lines: 3_000_000, services: 200, users: 10_000 },
};

interface BenchRow extends Pick<BenchWork, 'name' | 'floor' | 'isPeer'> {
  runs: Run[];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 's' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
      only: { type: 'string' },
      profile: { type: 'boolean', default: false },
    },
  });
  const traffic = sizes[values.size];
  const runs = Number(values.runs);
  if (!traffic || !Number.isInteger(runs) || runs < 1) {
    throw new UserError('usage: npm run bench -- [--size s|m] [--runs 3] [--only name,name] [--json] [--profile]');
  }
  // What people read goes to standard error, so that standard output is the JSON alone.
  const log: Log = (line) => process.stderr.write(`${line}\n`);
  const stages = createStages(log);
  const works = await worksOf(values.size, traffic, values.only?.split(','), log, stages);
  const rows = await measureInTurns(works, runs, log);
  if (values.profile) {
    await profileEach(works, join(repositoryRoot, '.data', 'profiles'), log);
  }
  const { lines } = createParameters(traffic);
  log(`\nsize ${values.size}: ${lines.toLocaleString('en-US')} requests; median of ${runs} runs`);
  log(tableOf(rows));
  const cost = costOfDays(rows);
  if (cost) {
    log(cost);
  }
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ size: values.size, rows: rows.map(jsonRow) })}\n`);
  }
  if (rows.some((row) => !row.isPeer && isEqual(row) === false)) {
    throw new UserError('a result differs from the truth');
  }
}

/** Rows that need a stack of their own, which is only brought up where one of them is wanted. */
const manySeriesRows = ['dashboard-30d-5000'];
const pageRows = ['bare-prometheus-30d', 'page-30d', 'page-30d-records'];
const ownRows = [...Object.values<string>(dayRows), ...manySeriesRows, ...pageRows];

async function worksOf(
  size: string,
  traffic: Partial<TrafficParameters>,
  only: readonly string[] | undefined,
  log: Log,
  stages: Stages
): Promise<BenchWork[]> {
  const wants = (names: readonly string[]) => !only || names.some((name) => only.includes(name));
  const open = (name: string, options: Pick<StackOptions, 'withMetrics' | 'lokiLimits'>) =>
    openBench(join(repositoryRoot, '.data', `bench-${size}${name}`), { traffic, ...options }, log, stages);
  const works = [
    ...(!only || only.some((name) => !ownRows.includes(name))
      ? requestWorks(await open('', { withMetrics: false }))
      : []),
    ...(wants(manySeriesRows)
      ? manySeriesWorks(await open('-5000', { withMetrics: false, lokiLimits: { max_query_series: 5000 } }))
      : []),
    ...(wants(pageRows) ? pageWorks(await open('-page', { withMetrics: true })) : []),
    ...(wants(Object.values(dayRows)) ? await floodedDayWorks(log, stages) : []),
  ];
  const unknown = only?.filter((name) => !works.some((work) => work.name === name)) ?? [];
  if (unknown.length > 0) {
    throw new UserError(`there is no row ${unknown.join(', ')}; a row's name is that of the table`);
  }
  return works.filter(({ name }) => !only || only.includes(name));
}

/** A stack on half a year of traffic. */
async function openBench(
  directory: string,
  options: Pick<StackOptions, 'traffic' | 'withMetrics' | 'lokiLimits'>,
  log: Log,
  stages: Stages
): Promise<Bench> {
  const { loki, prometheus, truth } = await openStack({ directory, ...options, lokiPort: 0, log, stages });
  await stages.run('waiting until Loki has put its index in order', () => awaitCompaction(loki.url));
  const core = openCore({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  return { core, truth, loki: loki.url, prometheus: prometheus.url };
}

/** What rejected requests cost, where both rows were measured. */
function costOfDays(rows: readonly BenchRow[]): string | undefined {
  const [plain, flooded] = [dayRows.plain, dayRows.flooded].map((name) => rows.find((row) => row.name === name));
  return plain && flooded && costOfInvented(medianCost(plain), medianCost(flooded));
}

/** Everything once, and again: what else the machine does meanwhile then slows each row alike, and the multiples hold. */
async function measureInTurns(works: readonly BenchWork[], runs: number, log: Log): Promise<BenchRow[]> {
  const rows = works.map(({ name, floor, isPeer }): BenchRow => ({ name, floor, isPeer, runs: [] }));
  for (const { prepare } of works) {
    await prepare?.();
  }
  for (let turn = 1; turn <= runs; turn += 1) {
    for (const [index, { log: requests, run, engines }] of works.entries()) {
      rows[index]?.runs.push(await measure(requests, run, engines));
    }
    const times = rows.map(({ name, runs: all }) => `${name} ${Math.round(all.at(-1)?.cost.ms ?? NaN)}`);
    log(`   turn ${turn} of ${runs}, ms: ${times.join(', ')}`);
  }
  return rows;
}

function isEqual({ runs }: BenchRow): boolean | null {
  const checked = runs.map(({ equal }) => equal).filter((equal) => equal !== null);
  return checked.length === 0 ? null : checked.every(Boolean);
}

function medianOf({ runs }: BenchRow, key: keyof Run['cost']): number {
  return median(runs.map(({ cost }) => cost[key]));
}

function medianCost(row: BenchRow): { ms: number; requests: number } {
  return { ms: medianOf(row, 'ms'), requests: medianOf(row, 'requests') };
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
    cpu: whole('cpuMs'),
    client_ms: whole('clientMs'),
    alone_ms: whole('aloneMs'),
    blocked_ms: whole('blockedMs'),
  };
}

function tableOf(rows: readonly BenchRow[]): string {
  const table = new Table({
    head: [
      '',
      'ms',
      '× bare',
      'cpu ms',
      '× bare',
      'requests',
      'kB',
      'lines',
      'heap MB',
      'client',
      'alone',
      'blocked',
      'equal',
    ],
    colAligns: ['left', ...new Array<'right'>(11).fill('right'), 'left'],
    style: { head: [], border: [] },
  });
  /** A figure as a multiple of the sum of the rows that are its floor. */
  const multiple = (row: BenchRow, key: 'ms' | 'cpuMs') => {
    const floors = row.floor.map((name) => rows.find((one) => one.name === name));
    const sum = floors.reduce((total, floor) => total + (floor ? medianOf(floor, key) : NaN), 0);
    return (medianOf(row, key) / sum).toFixed(2);
  };
  for (const row of rows) {
    const { name, ms, cpu, requests, bytes, lines, heap, equal, client_ms, alone_ms, blocked_ms } = jsonRow(row);
    table.push([
      name,
      Math.round(ms),
      multiple(row, 'ms'),
      cpu,
      multiple(row, 'cpuMs'),
      requests,
      Math.round(bytes / 1000),
      lines,
      (heap / 1e6).toFixed(1),
      client_ms,
      alone_ms,
      blocked_ms,
      equal === null ? '–' : equal ? 'yes' : 'NO',
    ]);
  }
  return table.toString();
}

runProgram(main, stopEngines);
