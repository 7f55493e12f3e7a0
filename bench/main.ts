// npm run bench: the plugin and its peers against one and the same real Loki at default limits, in one run.
// --size s (default) or m, --runs 3, --json for one line of JSON at the end.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import Table from 'cli-table3';

import { stopEngines } from '../stack/engines';
import { createHost } from '../stack/host';
import { UserError } from '../stack/lib/errors';
import { runProgram } from '../stack/lib/program';
import { createStages, type Log, type Stages } from '../stack/lib/progress';
import { repositoryRoot } from '../stack/lib/repository';
import { openStack } from '../stack/openStack';
import { createParameters, type TrafficParameters } from '../stack/traffic';
import { awaitCompaction } from './compaction';
import { costOfInvented, dayRows, floodedDayWorks } from './floodedDay';
import { measure, median, type Run } from './measure';
import { benchWorks, type BenchWork, type Floor } from './works';

const sizes: Readonly<Record<string, Partial<TrafficParameters>>> = {
  s: {},
  m: { lines: 3_000_000, services: 200, users: 10_000 },
};

interface BenchRow {
  name: string;
  /** The row whose time is the unit of this one's. */
  floor: Floor;
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
  const stages = createStages(log);
  const only = values.only?.split(',');
  const isDay = (name: string) => Object.values<string>(dayRows).includes(name);
  const works = [
    ...(!only || !only.every(isDay) ? await standardWorks(values.size, traffic, log, stages) : []),
    ...(!only || only.some(isDay) ? await floodedDayWorks(log, stages) : []),
  ].filter(({ name }) => !only || only.includes(name));
  const rows = await measureInTurns(works, runs, log);
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
  if (rows.some((row) => isEqual(row) === false)) {
    throw new UserError('a result differs from the truth');
  }
}

/** The rows on half a year of traffic. */
async function standardWorks(
  size: string,
  traffic: Partial<TrafficParameters>,
  log: Log,
  stages: Stages
): Promise<BenchWork[]> {
  const { loki, prometheus, truth } = await openStack({
    directory: join(repositoryRoot, '.data', `bench-${size}`),
    traffic,
    withMetrics: false,
    log,
    stages,
  });
  await stages.run('waiting until Loki has compacted its index', () => awaitCompaction(loki.url));
  return benchWorks(
    await createHost({ lokiUrl: loki.url, prometheusUrl: prometheus.url, firstByteTimeoutMs: 30_000 }),
    truth
  );
}

/** What rejected requests cost, where both rows were measured. */
function costOfDays(rows: readonly BenchRow[]): string | undefined {
  const [plain, flooded] = [dayRows.plain, dayRows.flooded].map((name) => rows.find((row) => row.name === name));
  return plain && flooded && costOfInvented(medianCost(plain), medianCost(flooded));
}

/** Everything once, and again: what else the machine does meanwhile then slows each row alike, and the multiples hold. */
async function measureInTurns(works: readonly BenchWork[], runs: number, log: Log): Promise<BenchRow[]> {
  const rows = works.map(({ name, floor }): BenchRow => ({ name, floor, runs: [] }));
  for (const { prepare } of works) {
    await prepare?.();
  }
  for (let turn = 1; turn <= runs; turn += 1) {
    for (const [index, { host, run }] of works.entries()) {
      rows[index]?.runs.push(await measure(host, run));
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
    client_ms: whole('clientMs'),
    alone_ms: whole('aloneMs'),
    blocked_ms: whole('blockedMs'),
  };
}

function tableOf(rows: readonly BenchRow[]): string {
  const table = new Table({
    head: ['', 'ms', '× bare', 'requests', 'kB', 'lines', 'heap MB', 'client ms', 'alone ms', 'blocked ms', 'equal'],
    colAligns: ['left', ...new Array<'right'>(9).fill('right'), 'left'],
    style: { head: [], border: [] },
  });
  const timeOf = (name: string) => {
    const row = rows.find((one) => one.name === name);
    return row ? medianOf(row, 'ms') : NaN;
  };
  for (const row of rows) {
    const { name, ms, requests, bytes, lines, heap, equal, client_ms, alone_ms, blocked_ms } = jsonRow(row);
    table.push([
      name,
      Math.round(ms),
      (ms / timeOf(row.floor)).toFixed(2),
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
