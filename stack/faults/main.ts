// npm run faults: the plugin's core against real engines that fail, schedule by schedule.
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { dayMs } from '../../src/core/domain/duration';
import { type Engine, type LokiOptions, resolveBinaries, startLoki, stopEngines } from '../engines';
import { formatDuration } from '../lib/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages, silentLog, startProgress } from '../lib/progress';
import { repositoryRoot } from '../lib/repository';
import { openStack } from '../openStack';
import { type Lab, openLab, type Outcome } from './lab';
import { createSchedule, type Schedule } from './schedule';

const usage = `usage: npm run faults -- [--schedules <n>] [--seed <n>] [--only <n>[,<n>…]] [--verbose]

  --schedules  how many schedules of faults to run; default: 25
  --seed       seed of the schedules; default: 1
  --only       run only these schedules of the seed
  --verbose    print every schedule, not only those that fail`;

/** Small, so that a schedule takes well under a second, and fixed, so that a failure shows again. */
const traffic = {
  days: 3,
  lines: 700,
  services: 6,
  users: 25,
  countries: 6,
  seed: 3,
  end: Date.parse('2025-11-01T00:00:00Z'),
} as const;

/** Low, so that reading takes many requests. */
const lokiLimits = { max_query_series: 60 };

/** Sentences of one failed schedule that are printed. */
const maxProblems = 12;

const tally = { passed: 0, failed: 0, ran: false };

async function main(): Promise<void> {
  const { schedules, seed, only, verbose } = readArguments();
  const stages = createStages(silentLog);
  const directory = join(repositoryRoot, '.data', 'faults');
  // A port of its own: nobody else may take the usual one while Loki is down.
  const stack = await openStack({
    directory,
    traffic,
    lokiLimits,
    lokiPort: 0,
    prometheusPort: 0,
    withMetrics: true,
    log: silentLog,
    stages,
  });
  let prometheusEnded = false;
  void stack.prometheus.exited.then(() => (prometheusEnded = true));
  const range = { from: traffic.end - traffic.days * dayMs, to: traffic.end };
  const lab = await openLab({
    loki: stack.loki,
    prometheusUrl: stack.prometheus.url,
    truth: stack.truth,
    range,
    restartLoki,
    startRecordsLoki: () => startLokiIn({ dataDirectory: join(directory, 'records-loki'), preferredPort: 0 }),
  });
  consoleLog(`${lab.reports.length} reports: ${lab.reports.join(', ')}`);
  tally.ran = true;
  const started = performance.now();
  const numbers = only ?? Array.from({ length: schedules }, (_, index) => index);
  const counts = { requests: 0, struck: 0, flagged: 0, healing: 0 };
  const dataAgeMs = Date.now() - traffic.end;
  const progress = startProgress('running schedules', { total: numbers.length, unit: 'schedules' });
  for (const number of numbers) {
    const schedule = createSchedule(seed, number, dataAgeMs);
    const outcome = await runSchedule(lab, schedule);
    if (prometheusEnded) {
      // Everything after it would fail for this reason alone.
      throw new UserError(`Prometheus ended unexpectedly; see ${stack.prometheus.logFile}`);
    }
    report(seed, schedule, outcome, verbose);
    counts.requests += outcome.requests;
    counts.struck += outcome.struck;
    counts.flagged += Number(outcome.flagged);
    counts.healing += Number(outcome.healing);
    progress.update(tally.passed + tally.failed);
  }
  progress.end();
  consoleLog(
    `${numbers.length} schedules of seed ${seed} in ${formatDuration(performance.now() - started)}: ` +
      `${counts.requests} requests, ${counts.struck} of them with a fault; ${counts.healing} schedules had to end exact, ` +
      `${counts.flagged} ended with flagged figures`
  );
  await lab.close();
}

async function runSchedule(lab: Lab, schedule: Schedule): Promise<Outcome> {
  try {
    return await lab.run(schedule);
  } catch (error) {
    if (error instanceof UserError) {
      throw error;
    }
    const problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { problems: [problem], requests: 0, struck: 0, flagged: false, healing: false };
  }
}

function report(seed: number, schedule: Schedule, { problems, ...outcome }: Outcome, verbose: boolean): void {
  if (problems.length === 0) {
    tally.passed += 1;
    if (verbose) {
      consoleLog(`passed  ${JSON.stringify(schedule)} ${JSON.stringify(outcome)}`);
    }
    return;
  }
  tally.failed += 1;
  const rest = problems.length - maxProblems;
  consoleLog(
    `FAILED  schedule ${schedule.number}; run it again with: npm run faults -- --seed ${seed} --only ${schedule.number}`
  );
  consoleLog(`   ${JSON.stringify(schedule)} ${JSON.stringify(outcome)}`);
  problems.slice(0, maxProblems).forEach((problem) => consoleLog(`   ${problem}`));
  if (rest > 0) {
    consoleLog(`   and ${rest} more`);
  }
}

async function restartLoki({ port, dataDirectory }: Engine): Promise<Engine> {
  const loki = await startLokiIn({ dataDirectory, preferredPort: port });
  if (loki.port !== port) {
    // Everything after it would fail for this reason alone.
    throw new UserError(`Loki came back on port ${loki.port}, because another program has taken ${port}`);
  }
  return loki;
}

async function startLokiIn(options: Pick<LokiOptions, 'dataDirectory' | 'preferredPort'>): Promise<Engine> {
  const { loki: binary } = await resolveBinaries(silentLog);
  return startLoki({ ...options, binary, limits: lokiLimits });
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        schedules: { type: 'string', default: '25' },
        seed: { type: 'string', default: '1' },
        only: { type: 'string' },
        verbose: { type: 'boolean', default: false },
      },
    });
    return {
      schedules: wholeNumber('--schedules', values.schedules),
      seed: wholeNumber('--seed', values.seed),
      only: values.only?.split(',').map((number) => wholeNumber('--only', number)),
      verbose: values.verbose,
    };
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

function wholeNumber(option: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`${option} must be a whole number, not ${text}`);
  }
  return Number(text);
}

async function cleanUp(): Promise<void> {
  await stopEngines();
  if (tally.ran) {
    consoleLog(`${tally.passed} passed, ${tally.failed} failed`);
    if (tally.failed > 0) {
      process.exit(1);
    }
  }
}

runProgram(main, cleanUp);
