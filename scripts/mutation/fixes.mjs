// Takes the fixes of fixes.json out one by one, in a bundle of the program that has to notice: what is shipped and the working
// tree stay as they are. A fix passes when the program fails without it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const work = join(root, '.tests/mutation');

/**
 * What has to notice, by the name that fixes.json gives it; `only` of a fix names the part of it that does, in as many runs as always.
 * `program`: what the fix is taken out of; `arguments`: what it is run with.
 */
const checks = {
  fuzz: {
    program: 'stack/fuzz/main.ts',
    arguments: (only) => ['--runs', '20000', '--stop', ...(only ? ['--only', only] : [])],
  },
  hostile: {
    program: 'stack/hostile/main.ts',
    arguments: (only) => ['--short', ...(only ? ['--attacks', only] : [])],
  },
};

/** A program without a fix, in one file. */
async function bundleProgram(program, fix, name) {
  const script = join(work, `${name}.cjs`);
  await build({
    entryPoints: [join(root, program)],
    outfile: script,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
    plugins: [changed(fix)],
  });
  return script;
}

/** Takes the fix out while its file is bundled, and tells each file where it stands, as it does not once it is in the bundle. */
function changed(fix) {
  return {
    name: 'changed',
    setup(bundle) {
      bundle.onLoad({ filter: /\.tsx?$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        const contents = fix && path === join(root, fix.file) ? without(fix, text) : text;
        const place = JSON.stringify(pathToFileURL(path).href);
        return { contents: contents.replaceAll('import.meta.url', place), loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}

/** The text of a file without a fix. Throws where this is not there exactly once: then the list is out of date. */
function without({ file, from, to, name }, text) {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`fixes.json: the text of "${name}" occurs ${parts.length - 1} times in ${file}`);
  }
  return parts.join(to);
}

/** Runs a program; the last lines of what it printed, and whether it failed in the way that it is meant to. */
function outcomeOf(programArguments) {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, programArguments, {
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

/** Bundles what a fix is part of without it (undefined: as it is), and says whether the check notices. */
async function run({ check, only, fix }, index) {
  const name = fix?.name ?? `a change, by ${check}`;
  const script = await bundleProgram(checks[check].program, fix, `fix-${index}`);
  const { code, output } = await outcomeOf([script, ...checks[check].arguments(only)]);
  const failure = /^FAILED {2}(.{0,60})/m.exec(output)?.[1];
  // A program that breaks down notices nothing.
  const isGood = fix ? code === 1 && failure !== undefined : code === 0;
  console.log(`${isGood ? 'passed' : 'FAILED'}  without ${name}: ${failure ?? `ends with code ${code}`}`);
  if (!isGood) {
    console.log(output.slice(-2000));
  }
  return isGood;
}

/** The attacks that show that a bundle of the hostile day is as good as the program. */
const hostileControl = 'invented-names';

/** Programs that run at the same time. */
const atOnce = 2;

/** How many fixes were noticed when they were taken out, and how many were not; each check runs without a change first. */
export async function runFixes(only = '') {
  mkdirSync(work, { recursive: true });
  const fixes = JSON.parse(readFileSync(join(here, 'fixes.json'), 'utf8')).filter(({ name }) => name.includes(only));
  const tally = { passed: 0, failed: 0 };
  const left = [
    { check: 'fuzz' },
    { check: 'hostile', only: hostileControl },
    ...fixes.map((fix) => ({ check: fix.check, only: fix.only, fix })),
  ].entries();
  const worker = async () => {
    for (const [index, one] of left) {
      tally[(await run(one, index)) ? 'passed' : 'failed'] += 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return tally;
}
