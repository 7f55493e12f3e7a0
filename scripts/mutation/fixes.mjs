// Takes the fixes of fixes.json out one by one, in a bundle of the program that has to notice: what is shipped and the working
// tree stay as they are. A fix passes when the program fails without it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const work = join(root, '.tests/mutation');

/** What has to notice, by the name that fixes.json gives it; `only` of a fix names the part of it that does, in as many runs as always. */
const checks = {
  fuzz: { program: 'stack/fuzz/main.ts', arguments: ['--runs', '20000', '--stop'] },
};

/** Replaces a part of one file while it is bundled. Throws where the part is not there exactly once: then the list is out of date. */
function without({ file, from, to, name }) {
  const path = join(root, file);
  return {
    name: 'without',
    setup(bundle) {
      bundle.onLoad({ filter: /\.tsx?$/ }, (source) => {
        if (source.path !== path) {
          return undefined;
        }
        const parts = readFileSync(path, 'utf8').split(from);
        if (parts.length !== 2) {
          throw new Error(`fixes.json: "${name}" finds its part of ${file} ${parts.length - 1} times`);
        }
        return { contents: parts.join(to), loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}

/** Runs a program; the last lines of what it printed, and whether it failed in the way that it is meant to. */
function outcomeOf(script, programArguments) {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [script, ...programArguments], {
      cwd: root,
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', reject);
    child.on('close', (code) => fulfil({ code, output }));
  });
}

/** Bundles the program of a fix without it (undefined: as it is), and says whether that was noticed. */
async function run(fix, index) {
  const { check = 'fuzz', name = 'a change', only } = fix ?? {};
  const { program, arguments: programArguments } = checks[check];
  const script = join(work, `fix-${index}.cjs`);
  await build({
    entryPoints: [join(root, program)],
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    plugins: fix ? [without(fix)] : [],
  });
  const { code, output } = await outcomeOf(script, [...programArguments, ...(only ? ['--only', only] : [])]);
  const failure = /^FAILED {2}(.{0,60})/m.exec(output)?.[1];
  // A program that breaks down notices nothing.
  const isGood = fix ? code === 1 && failure !== undefined : code === 0;
  console.log(`${isGood ? 'passed' : 'FAILED'}  without ${name}: ${failure ?? `ends with code ${code}`}`);
  if (!isGood) {
    console.log(output.slice(-2000));
  }
  return isGood;
}

/** Programs that run at the same time. */
const atOnce = 2;

/** How many fixes were noticed when they were taken out, and how many were not; the first check is one without a change. */
export async function runFixes(only = '') {
  mkdirSync(work, { recursive: true });
  const fixes = JSON.parse(readFileSync(join(here, 'fixes.json'), 'utf8')).filter(({ name }) => name.includes(only));
  const tally = { passed: 0, failed: 0 };
  const left = [undefined, ...fixes].entries();
  const worker = async () => {
    for (const [index, fix] of left) {
      tally[(await run(fix, index)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return tally;
}
