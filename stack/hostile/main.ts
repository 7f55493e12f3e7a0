// npm run hostile: a day of attacks in a real Loki. Every figure has to be what really happened, or flagged.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { dayMs } from '../../src/core/domain/duration';
import { type Core, openCore } from '../core/openCore';
import { stopEngines } from '../engines';
import { formatDuration } from '../lib/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages, silentLog } from '../lib/progress';
import { repositoryRoot } from '../lib/repository';
import { openStack } from '../openStack';
import { createRandom } from '../traffic/random';
import { attacks, type Assault, together } from './attacks';
import { compareCost } from './cost';
import { type HonestTraffic, honestTraffic } from './honest';
import { addVerdict, emptyVerdict } from './judge';
import { createLab, type Outcome } from './lab';
import { type UserMode, userModes } from './readings';
import { pushAssaults, selectorsOf } from './worlds';

const usage = `usage: npm run hostile -- [--seed <n>] [--attacks <a,b>] [--short]

  --seed     seed of the attacks, from 0 to 2147483647; default: 1
  --attacks  run only these; default: all of
             ${attacks.map(({ name }) => name).join(' ')}
  --short    fewer lines, no costs, and pseudonyms and hidden users only for several attacks at once`;

const end = Date.parse('2025-11-01T00:00:00Z');
const sizes = {
  short: { days: 3, lines: 900, services: 6, users: 25, countries: 6, scale: 1 },
  full: { days: 14, lines: 6_000, services: 8, users: 50, countries: 10, scale: 3 },
  // What a dashboard of 30 days reads in size s of the benchmark: costs are those of a cluster in use.
  cost: { days: 30, lines: 50_000, services: 60, users: 2_000, countries: 40, scale: 3 },
};
/** Dashboards with and without the attacks. */
const costRuns = 5;
/** Sentences of one attack that are printed. */
const maxProblems = 8;

let directory: string | undefined;

async function main(): Promise<void> {
  const started = performance.now();
  const options = readArguments();
  const { seed, isShort } = options;
  const tests = join(repositoryRoot, '.tests');
  await mkdir(tests, { recursive: true });
  directory = await mkdtemp(join(tests, 'hostile-'));
  const { core, single, span, honest } = await openWorld(isShort ? 'short' : 'full', options);
  const total = emptyVerdict();
  const assaults = single.length > 1 ? [...single, ...combined(single)] : single;
  const lab = createLab(core, single, { ...span, totals: honest.totals });
  let good = 0;
  for (const assault of assaults) {
    const since = performance.now();
    const verdict = await lab.run(assault, modesOf(assault, single, isShort));
    good += verdict.wrong.length === 0 ? 1 : 0;
    report(assault, verdict, performance.now() - since);
    addVerdict(total, verdict);
  }
  if (!isShort) {
    await stopEngines();
    await reportCost(await openWorld('cost', options));
  }
  const { exact, flagged, claimed, wrong } = total;
  if (claimed > 0) {
    consoleLog(`${claimed} further figures are as the log claims, which cannot be distinguished from the truth`);
  }
  consoleLog(`took ${formatDuration(performance.now() - started)} with seed ${seed}`);
  consoleLog(`${good} passed, ${assaults.length - good} failed`);
  consoleLog(
    `${exact + flagged + wrong.length} checks, ${exact} exact, ${flagged} flagged, ${wrong.length} silently wrong`
  );
  if (wrong.length > 0) {
    throw new UserError('a figure is silently wrong');
  }
}

interface AttackedWorld {
  core: Core;
  /** The attacks of its last day, one by one. */
  single: Assault[];
  /** In ms since the epoch, the end exclusive. */
  span: { from: number; to: number };
  honest: HonestTraffic;
}

/** Honest traffic of a size, and attacks on its last day, in a Loki of their own; the engines end with `stopEngines`. */
async function openWorld(
  name: keyof typeof sizes,
  { seed, chosen }: ReturnType<typeof readArguments>
): Promise<AttackedWorld> {
  const since = performance.now();
  const { scale, ...size } = sizes[name];
  const traffic = { ...size, seed: 3, end };
  const { loki, prometheus } = await openStack({
    directory: join(directory ?? '', name),
    traffic,
    lokiPort: 0,
    prometheusPort: 0,
    withMetrics: true,
    log: silentLog,
    stages: createStages(silentLog),
  });
  const honest = honestTraffic(traffic);
  const single = chosen.map(({ name: attack, lines }): Assault => {
    // The same draws, whichever attacks are chosen.
    const random = createRandom(
      seed,
      attacks.findIndex((one) => one.name === attack)
    );
    return { name: attack, parts: [attack], ...lines({ ...honest, start: end - dayMs, random, scale }) };
  });
  const span = { from: end - traffic.days * dayMs, to: end };
  const entries = await pushAssaults(loki.url, single, { ...span, honest: honest.entries });
  consoleLog(
    `${honest.entries} honest lines of ${traffic.days} days, ${entries} lines of ${single.length} attacks and of what they are compared ` +
      `with, after ${formatDuration(performance.now() - since)}`
  );
  const core = openCore({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  return { core, single, span, honest };
}

/** What the dashboard costs with all the attacks, beside what it costs without. */
async function reportCost({ core, single, span, honest }: AttackedWorld): Promise<void> {
  const { parts, hostile } = together('all', single);
  await compareCost(core, {
    honest: selectorsOf([], 'hostile', single),
    hostile: selectorsOf(parts, 'hostile', single),
    span,
    runs: costRuns,
    lines: { honest: honest.entries, hostile: hostile.length },
  });
}

/** Users are shown in each way where most attacks are, and where ids are the attack; in a short run, one way a time. */
function modesOf({ parts, aliases = [] }: Assault, single: readonly Assault[], isShort: boolean): readonly UserMode[] {
  const isAll = parts.length > 1 && parts.length === single.length;
  if (!isShort) {
    return parts.length > 1 || aliases.length > 0 ? userModes : ['full'];
  }
  return isAll ? ['hidden'] : parts.length > 1 ? ['pseudonym'] : ['full'];
}

/** Those that leave no trace, and all of them. */
function combined(single: readonly Assault[]): Assault[] {
  const quiet = single.filter(({ isFlagged }) => !isFlagged);
  const isSame = quiet.length === single.length || quiet.length < 2;
  return [...(isSame ? [] : [together('all without a trace', quiet)]), together('all', single)];
}

function report({ name }: Assault, { exact, flagged, claimed, wrong, requests }: Outcome, ms: number): void {
  const claims = claimed > 0 ? `, ${claimed} as claimed` : '';
  const isGood = wrong.length === 0;
  consoleLog(
    `${isGood ? 'passed' : 'FAILED'}  ${name}: ${exact} exact, ${flagged} flagged${claims}, ${wrong.length} silently wrong, ` +
      `${requests} requests to Loki, ${formatDuration(ms)}`
  );
  wrong.slice(0, maxProblems).forEach((problem) => consoleLog(`   ${problem}`));
  if (wrong.length > maxProblems) {
    consoleLog(`   and ${wrong.length - maxProblems} more`);
  }
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        seed: { type: 'string', default: '1' },
        attacks: { type: 'string' },
        short: { type: 'boolean', default: false },
      },
    });
    if (!/^\d{1,10}$/.test(values.seed) || Number(values.seed) > 0x7fff_ffff) {
      throw new Error(`--seed must be a whole number from 0 to ${0x7fff_ffff}, not ${values.seed}`);
    }
    const names = values.attacks?.split(',').map((name) => name.trim());
    const unknown = names?.filter((name) => !attacks.some((attack) => attack.name === name)) ?? [];
    if (unknown.length > 0) {
      throw new Error(`unknown attack ${unknown.map((name) => JSON.stringify(name)).join(', ')}`);
    }
    const chosen = attacks.filter(({ name }) => names?.includes(name) ?? true);
    return { seed: Number(values.seed), chosen, isShort: values.short };
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

async function cleanUp(): Promise<void> {
  await stopEngines();
  if (directory !== undefined) {
    await rm(directory, { recursive: true, force: true });
  }
}

runProgram(main, cleanUp);
