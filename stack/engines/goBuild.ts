import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, sep } from 'node:path';
import { promisify } from 'node:util';

import { minuteMs } from '../../src/core/domain/duration';
import { formatDuration } from '../lib/duration';
import { systemErrorCode, UserError } from '../lib/errors';
import { startProgress, type Log } from '../lib/progress';
import type { Recipe } from './recipes';
import { findVersion, isAtLeast } from './versions';

const minGo = { major: 1, minor: 26 };
const installHint =
  'Install Go 1.26 or later (https://go.dev/doc/install), or set the paths of existing binaries in OSCAR_METRICS_LOKI, ' +
  'OSCAR_METRICS_PROMETHEUS, OSCAR_METRICS_PROMTOOL, OSCAR_METRICS_VICTORIA_METRICS and OSCAR_METRICS_COLLECTOR.';
const temporaryPrefix = 'building-';

/** A go.work further up would pull in other versions than the pinned ones. */
const goEnvironment = { ...process.env, GOWORK: 'off' };

/**
 * Builds a recipe's programs and puts them at `pathOf(program)` in `directory`, each with one rename, so that nobody
 * ever sees half a binary. The caller holds the lock of `directory`.
 * @throws UserError when Go is missing or too old, or when the build fails (with the end of Go's output).
 */
export async function buildPrograms(
  recipe: Recipe,
  directory: string,
  pathOf: (program: string) => string,
  log: Log
): Promise<void> {
  await checkGo(recipe.moduleDirectory);
  await mkdir(directory, { recursive: true });
  await removeLeftovers(directory);
  const temporary = await mkdtemp(join(directory, temporaryPrefix));
  try {
    const expectedMilliseconds = (recipe.coldBuildMinutes * minuteMs * 2) / Math.max(2, availableParallelism());
    log(
      `   building ${recipe.programs.join(' and ')} ${recipe.version} from the pinned Go modules, once: ` +
        `about ${formatDuration(expectedMilliseconds)} on this machine (less if Go has built them before)`
    );
    const progress = startProgress(`building ${recipe.name}`, { expectedMilliseconds });
    try {
      // The trailing separator makes Go treat the output as a folder.
      const [command, ...rest] = recipe.buildArguments;
      await runGo([command ?? 'build', '-o', temporary + sep, ...rest], recipe.moduleDirectory);
      progress.end('done');
    } finally {
      progress.end();
    }
    for (const program of recipe.programs) {
      await rename(join(temporary, program), pathOf(program));
    }
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Asks in the module's folder, where Go may switch to (and download) the newer release that go.mod asks for. */
async function checkGo(moduleDirectory: string): Promise<void> {
  let version: string;
  try {
    const { stdout } = await promisify(execFile)('go', ['env', 'GOVERSION'], {
      cwd: moduleDirectory,
      env: goEnvironment,
    });
    version = stdout.trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') {
      throw new UserError(`Go, which builds the engines, is not installed or not on PATH. ${installHint}`);
    }
    const details = error instanceof Error ? error.message : String(error);
    throw new UserError(`Go cannot be used: ${details.trim()}\n${installHint}`);
  }
  const found = findVersion(version);
  if (found === undefined || !isAtLeast(found, minGo)) {
    throw new UserError(`Go is too old: ${version || 'unknown version'} instead of 1.26 or later. ${installHint}`);
  }
}

async function removeLeftovers(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name.startsWith(temporaryPrefix)) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
}

function runGo(goArguments: readonly string[], cwd: string): Promise<void> {
  return new Promise((fulfil, reject) => {
    const child = spawn('go', goArguments, { cwd, env: goEnvironment, stdio: ['ignore', 'ignore', 'pipe'] });
    const endWithProgram = () => child.kill();
    process.once('exit', endWithProgram);
    let output = '';
    child.stderr.setEncoding('utf8');
    child.stderr.on('data', (text: string) => {
      output = (output + text).slice(-8_000);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('exit', endWithProgram);
      if (code === 0) {
        fulfil();
      } else {
        reject(new UserError(`go build in ${cwd} ended with ${signal ?? `code ${code}`}:\n${output.trim()}`));
      }
    });
  });
}
