// npm run accuracy: CPU hours against containers of known consumption, in a real Prometheus. --jobs 1500 (a day), --days 3,
// --scrape 30,120 (seconds), --json for the rows as JSON on standard output. Exits 1 when a goal is missed.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';

import Table from 'cli-table3';

import { type Binaries, resolveBinaries, startPrometheus, stopEngines, tsdbDirectoryOf } from '../engines';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { createStages, type Log } from '../lib/progress';
import { type AccuracyRow, compare, reachesGoal } from './comparison';
import { trueHours } from './lives';
import { namespaces, oscarHours, pluginHours } from './readings';
import { type Scheme, writeSamples } from './samples';
import { createScenario, type Scenario } from './scenario';

const scenarioStart = Date.parse('2026-03-02T00:00:00Z') / 1000;
/** Long enough for one block; promtool only knows the lengths 2 h × 3ⁿ. */
const blockHours = 162;

const schemes: readonly Scheme[] = [
  { namespace: namespaces.oscar, relabelled: true, labels: false, lifetimes: false },
  { namespace: namespaces['ours-labels'], relabelled: false, labels: true, lifetimes: false },
  { namespace: namespaces['ours-pod'], relabelled: false, labels: false, lifetimes: false },
  { namespace: namespaces['ours-lifetimes'], relabelled: false, labels: true, lifetimes: true },
];

let scratch: string | undefined;

async function main(): Promise<void> {
  const { jobsPerDay, days, scrapes, json } = readArguments();
  // What people read goes to standard error, so that standard output is the JSON alone.
  const log: Log = (line) => process.stderr.write(`${line}\n`);
  const stages = createStages(log);
  const binaries = await stages.run('finding Prometheus', () => resolveBinaries(log));
  const scenario = createScenario({ from: scenarioStart, days, jobsPerDay, seed: 7 });
  scratch = mkdtempSync(join(tmpdir(), 'oscar-metrics-accuracy-'));
  const rows: AccuracyRow[] = [];
  for (const scrape of scrapes) {
    const directory = join(scratch, String(scrape));
    await stages.run(`writing the samples of a ${scrape} s scrape`, () => fill(binaries, directory, scenario, scrape));
    rows.push(...(await stages.run('reading', () => read(binaries, directory, scenario, scrape, log))));
    rmSync(directory, { recursive: true, force: true });
  }
  log(tableOf(rows));
  if (json) {
    process.stdout.write(`${JSON.stringify({ rows })}\n`);
  }
  const missed = rows
    .filter((row) => reachesGoal(row) === false)
    .map(({ name, scrape_s }) => `${name} at ${scrape_s} s`);
  if (missed.length > 0) {
    throw new UserError(`These miss their goal: ${missed.join(', ')}.`);
  }
}

function readArguments() {
  const { values } = parseArgs({
    options: {
      jobs: { type: 'string', default: '1500' },
      days: { type: 'string', default: '3' },
      scrape: { type: 'string', default: '30,120' },
      json: { type: 'boolean', default: false },
    },
  });
  const jobsPerDay = Number(values.jobs);
  const days = Number(values.days);
  const scrapes = values.scrape.split(',').map(Number);
  const isWhole = [jobsPerDay, days, ...scrapes].every((number) => Number.isInteger(number) && number > 0);
  if (!isWhole || days > 5) {
    throw new UserError('usage: npm run accuracy -- [--jobs 1500] [--days 3, at most 5] [--scrape 30,120] [--json]');
  }
  return { jobsPerDay, days, scrapes, json: values.json };
}

async function fill({ promtool }: Binaries, directory: string, scenario: Scenario, scrape: number): Promise<void> {
  const tsdb = tsdbDirectoryOf(directory);
  mkdirSync(tsdb, { recursive: true });
  const file = join(directory, 'samples.om');
  writeSamples(file, scenario, scrape, schemes);
  const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', `--max-block-duration=${blockHours}h`];
  await promisify(execFile)(promtool, [...command, file, tsdb]);
  rmSync(file);
}

async function read(
  { prometheus }: Binaries,
  directory: string,
  scenario: Scenario,
  scrape: number,
  log: Log
): Promise<AccuracyRow[]> {
  const engine = await startPrometheus({ binary: prometheus, dataDirectory: directory });
  const truth = trueHours(scenario.lives, scenario.asked);
  const rows = [compare('oscar', scrape, await oscarHours(engine.url, scenario.asked), truth)];
  for (const name of ['ours-labels', 'ours-pod', 'ours-lifetimes'] as const) {
    const { hours, notes } = await pluginHours(engine.url, namespaces[name], scenario.asked);
    rows.push(compare(name, scrape, hours, truth));
    notes.forEach((note) => log(`   ${name}: ${note}`));
  }
  await engine.stop();
  return rows;
}

function tableOf(rows: readonly AccuracyRow[]): string {
  const table = new Table({
    head: ['measure', 'scrape', 'total error', 'worst service', 'named right', 'goal'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'right', 'right', 'right', 'left'],
  });
  for (const row of rows) {
    const reached = reachesGoal(row);
    table.push([
      row.name,
      `${row.scrape_s} s`,
      percent(row.total_error),
      percent(row.worst_service_error),
      row.services_named_right,
      reached === undefined ? '' : reached ? 'reached' : 'MISSED',
    ]);
  }
  return table.toString();
}

function percent(fraction: number): string {
  return `${fraction > 0 ? '+' : ''}${(fraction * 100).toFixed(2)} %`;
}

runProgram(main, async () => {
  await stopEngines();
  if (scratch !== undefined) {
    rmSync(scratch, { recursive: true, force: true });
  }
});
