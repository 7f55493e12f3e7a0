// Takes the fixes of fixes.json out one by one, in a bundle of the program that has to notice: what is shipped and the working
// tree stay as they are. A fix passes when the program fails without it.
import { spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '../..');
const work = join(root, '.tests/mutation');

/**
 * What has to notice, by the name that fixes.json gives it; `only` of a fix names the part of it that does, in as many runs as always.
 * `bundle`: what the fix is taken out of, and how the program is run with it.
 */
const checks = {
  fuzz: {
    bundle: (fix, name) => bundleProgram('stack/fuzz/main.ts', fix, name),
    arguments: (script, only) => [script, '--runs', '20000', '--stop', ...(only ? ['--only', only] : [])],
  },
  hostile: {
    bundle: (fix, name) => bundlePlugin(fix, name),
    arguments: (folder, only) => [
      ...['--import', 'tsx', 'stack/hostile/main.ts', '--short', '--plugin', folder],
      ...(only ? ['--attacks', only] : []),
    ],
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
    plugins: fix ? [without(fix)] : [],
  });
  return script;
}

/** Packages that Grafana shares with its plugins. */
const shared = ['@grafana/data', '@grafana/runtime', '@grafana/ui', '@emotion/css', 'lodash', 'moment', 'rxjs'].concat([
  'react',
  'react/jsx-runtime',
  'react-dom',
]);

/** A folder with the plugin without a fix, as one AMD module. */
async function bundlePlugin(fix, name) {
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  const { outputFiles } = await build({
    entryPoints: [join(root, 'src/module.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'cjs',
    external: shared,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
    plugins: fix ? [without(fix)] : [],
  });
  const names = JSON.stringify(['module', 'exports', ...shared]);
  const require = `const require = (name) => shared[${JSON.stringify(shared)}.indexOf(name)];`;
  const text = `define(${names}, (module, exports, ...shared) => { ${require}\n${outputFiles[0].text}\nreturn module.exports; });`;
  writeFileSync(join(folder, 'module.js'), text);
  copyFileSync(join(root, 'src/plugin.json'), join(folder, 'plugin.json'));
  return folder;
}

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
          throw new Error(`fixes.json: the text of "${name}" occurs ${parts.length - 1} times in ${file}`);
        }
        return { contents: parts.join(to), loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
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
  const bundled = await checks[check].bundle(fix, `fix-${index}`);
  const { code, output } = await outcomeOf(checks[check].arguments(bundled, only));
  const failure = /^FAILED {2}(.{0,60})/m.exec(output)?.[1];
  // A program that breaks down notices nothing.
  const isGood = fix ? code === 1 && failure !== undefined : code === 0;
  console.log(`${isGood ? 'passed' : 'FAILED'}  without ${name}: ${failure ?? `ends with code ${code}`}`);
  if (!isGood) {
    console.log(output.slice(-2000));
  }
  return isGood;
}

/** The attacks that show that a bundle of the plugin is as good as the built one. */
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
