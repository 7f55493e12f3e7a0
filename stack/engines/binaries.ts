import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { UserError } from '../lib/errors';
import { withLock } from '../lib/lock';
import type { Log } from '../lib/progress';
import { enginesDirectory } from '../lib/repository';
import { buildPrograms } from './goBuild';
import { collectorRecipe, lokiRecipe, prometheusRecipe, type Recipe, victoriaMetricsRecipe } from './recipes';
import type { Binaries } from './types';
import { reportedVersion } from './versions';

type Program = keyof Binaries | 'victoria-metrics' | 'oscar-collector';

/** A binary named here is trusted whatever version it reports. */
const overrideVariables: Readonly<Record<Program, string>> = {
  loki: 'OSCAR_METRICS_LOKI',
  prometheus: 'OSCAR_METRICS_PROMETHEUS',
  promtool: 'OSCAR_METRICS_PROMTOOL',
  'victoria-metrics': 'OSCAR_METRICS_VICTORIA_METRICS',
  'oscar-collector': 'OSCAR_METRICS_COLLECTOR',
};

/**
 * Finds Loki, Prometheus and promtool. For each, in this order: the environment variables OSCAR_METRICS_LOKI,
 * OSCAR_METRICS_PROMETHEUS and OSCAR_METRICS_PROMTOOL; a binary on PATH that reports a fitting version; the one that
 * was built before; a build from the pinned Go modules, kept under `.engines/`.
 * @throws UserError when a variable names something that cannot be run, when Go is missing or older than 1.26, or when
 * a build fails.
 */
export async function resolveBinaries(log: Log): Promise<Binaries> {
  // One after the other: each build already uses every core, and much memory.
  const [loki] = await resolveRecipe(await lokiRecipe(), ['loki'], log);
  const [prometheus, promtool] = await resolveRecipe(await prometheusRecipe(), ['prometheus', 'promtool'], log);
  if (loki === undefined || prometheus === undefined || promtool === undefined) {
    throw new Error('a recipe did not build all of its programs');
  }
  return { loki, prometheus, promtool };
}

/**
 * Finds VictoriaMetrics in the same way, by OSCAR_METRICS_VICTORIA_METRICS first. Apart from the others, because only the
 * test of compatible engines needs it. Throws as `resolveBinaries`.
 */
export function resolveVictoriaMetrics(log: Log): Promise<string> {
  return resolveOne(victoriaMetricsRecipe(), 'victoria-metrics', log);
}

/** Finds the collector of log lines (collector/main.go) in the same way, by OSCAR_METRICS_COLLECTOR first. */
export function resolveCollector(log: Log): Promise<string> {
  return resolveOne(collectorRecipe(), 'oscar-collector', log);
}

async function resolveOne(recipe: Promise<Recipe>, program: Program, log: Log): Promise<string> {
  const [binary] = await resolveRecipe(await recipe, [program], log);
  if (binary === undefined) {
    throw new Error('the recipe did not build its program');
  }
  return binary;
}

async function resolveRecipe(recipe: Recipe, programs: readonly Program[], log: Log): Promise<string[]> {
  const pathOf = (program: string) => join(enginesDirectory, `${program}-${recipe.cacheKey}`);
  const found = await Promise.all(programs.map((program) => findReadyMade(program, recipe, pathOf(program), log)));
  if (found.includes(undefined)) {
    await buildOnce(recipe, pathOf, log);
  }
  return programs.map((program, index) => found[index] ?? pathOf(program));
}

async function findReadyMade(program: Program, recipe: Recipe, cached: string, log: Log): Promise<string | undefined> {
  const variable = overrideVariables[program];
  const named = process.env[variable];
  if (named) {
    const path = resolve(named);
    if (!(await isExecutable(path))) {
      throw new UserError(`${variable} is set to ${path}, which is not an executable program.`);
    }
    log(`   ${program}: ${path} (${variable})`);
    return path;
  }
  const onPath = await findOnPath(program);
  if (onPath !== undefined) {
    const output = await versionOutput(onPath);
    const version = reportedVersion(program, output);
    if (version !== undefined && recipe.accepts(version)) {
      log(`   ${program}: ${onPath} (on PATH, ${version.major}.${version.minor}.${version.patch})`);
      return onPath;
    }
    log(
      `   ${program}: not ${onPath}, which reports ${version === undefined ? 'no version' : 'another version'} ` +
        `(required: ${recipe.accepted}; set ${variable}=${onPath} to use it anyway)`
    );
  }
  if (await isExecutable(cached)) {
    log(`   ${program}: ${cached} (built earlier)`);
    return cached;
  }
  return undefined;
}

async function buildOnce(recipe: Recipe, pathOf: (program: string) => string, log: Log): Promise<void> {
  const build = async () => {
    // Another process may just have built what is missing here.
    const present = await Promise.all(recipe.programs.map((program) => isExecutable(pathOf(program))));
    if (present.includes(false)) {
      await buildPrograms(recipe, enginesDirectory, pathOf, log);
    }
  };
  await withLock(join(enginesDirectory, 'engines'), build, () =>
    log('   waiting for another process, which builds the engines')
  );
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    const path = join(directory, program);
    if (isAbsolute(directory) && (await isExecutable(path))) {
      return path;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Empty when the program does not answer: another program may have that name. */
async function versionOutput(path: string): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)(path, ['--version'], { timeout: 300_000 });
    return `${stdout}\n${stderr}`;
  } catch {
    return '';
  }
}
