// npm run accuracy: CPU hours against containers of known consumption, in a real Prometheus, in total and by kind of pod.
// --jobs 1500 (a day), --days 3, --scrape 30,120 (seconds), --json for the rows as JSON on standard output. Exits 1 when a
// goal is missed.
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
import { podKinds } from '../traffic/podKinds';
import { unattributedService } from '../traffic/truthFile';
import { type AccuracyRow, compare, type Errors, isJudgedByKind, missedBy } from './comparison';
import { kindsOfServices, trueHours } from './lives';
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
  // A kube-state-metrics without an allow-list: only the names of pods tell their services.
  { namespace: namespaces['ours-names'], relabelled: false, labels: false, lifetimes: true },
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
  const missed = rows.flatMap((row) =>
    (missedBy(row) ?? []).map((part) => `${part} of ${row.name} at ${row.scrape_s} s`)
  );
  if (missed.length > 0) {
    throw new UserError(`Goal missed by: ${missed.join(', ')}.`);
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
  const engine = await startPrometheus({ binary: prometheus, dataDirectory: directory, preferredPort: 0 });
  const truth = trueHours(scenario.lives, scenario.asked);
  const kinds = kindsOfServices(scenario.lives);
  const peer = { hours: await oscarHours(engine.url, scenario.asked), flagged: null };
  const rows = [compare('oscar', scrape, peer, truth, kinds)];
  for (const name of ['ours-labels', 'ours-lifetimes', 'ours-pod', 'ours-names'] as const) {
    const reading = await pluginHours(engine.url, namespaces[name], scenario.asked);
    // A gap of scraping is flagged in any case: whether something else is, a day without one shows.
    const lastDay = { ...scenario.asked, from: scenario.asked.to - 86_400 };
    const { flagged, notes } = await pluginHours(engine.url, namespaces[name], lastDay);
    const isByName = name === 'ours-pod' || name === 'ours-names';
    const expected = isByName ? withoutNames(truth, scenario.nameless) : truth;
    rows.push(compare(name, scrape, { hours: reading.hours, flagged }, expected, kinds));
    new Set([...reading.notes, ...notes]).forEach((note) => log(`   ${name}: ${note}`));
  }
  await engine.stop();
  return rows;
}

/** What can be known where only names tell the services: hours of pods whose names say nothing belong to no service. */
function withoutNames(truth: ReadonlyMap<string, number>, nameless: ReadonlySet<string>): Map<string, number> {
  const hours = new Map<string, number>();
  for (const [service, value] of truth) {
    const key = nameless.has(service) ? unattributedService : service;
    hours.set(key, (hours.get(key) ?? 0) + value);
  }
  return hours;
}

function tableOf(rows: readonly AccuracyRow[]): string {
  const table = new Table({
    head: ['measure', 'scrape', 'pods', 'total error', 'worst service', 'named right', 'flagged', 'goal'],
    style: { head: [], border: [] },
    colAligns: ['left', 'right', 'left', 'right', 'right', 'right', 'left', 'left'],
  });
  for (const row of rows) {
    const missed = missedBy(row);
    const goalOf = (part: string) => (missed === undefined ? '' : missed.includes(part) ? 'MISSED' : 'reached');
    const cells = ({ total_error, worst_service_error }: Errors) => [
      percent(total_error),
      percent(worst_service_error),
    ];
    const flagged = row.flagged === null ? '' : row.flagged ? 'yes' : 'no';
    const flag = missed?.includes('flag') ? `${flagged}, MISSED` : flagged;
    table.push([row.name, `${row.scrape_s} s`, 'all', ...cells(row), row.services_named_right, flag, goalOf('all')]);
    for (const kind of podKinds) {
      const errors = row.by_kind[kind];
      if (errors) {
        table.push(['', '', kind, ...cells(errors), '', '', isJudgedByKind(row.name) ? goalOf(kind) : '']);
      }
    }
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
