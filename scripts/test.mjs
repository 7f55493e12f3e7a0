// npm test: proves everything, from a fresh clone. Prints each stage and its time, and ends with
// "N passed, N failed" alone on a line. `--only=unit,build` runs some stages.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { buildDocs } from './docs.mjs';
import { ensureBuild, ensureDependencies, repositoryRoot, run } from './setup.mjs';

const only = process.argv
  .slice(2)
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');

const resultsDirectory = join(repositoryRoot, '.tests');
const tally = { passed: 0, failed: 0 };

/** Runs a program, shows its output, and gives its exit code and the last line of the form "N passed, N failed". */
function runCounting(programArguments) {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, programArguments, {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const lines = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)];
      const last = lines[lines.length - 1];
      fulfil({ code, passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0), counted: last !== undefined });
    });
  });
}

/** Runs jest projects and adds every test to the tally. */
async function jest(...projects) {
  mkdirSync(resultsDirectory, { recursive: true });
  const file = join(resultsDirectory, `jest-${projects.join('-')}.json`);
  rmSync(file, { force: true });
  const outcome = await run(process.execPath, [
    'node_modules/jest/bin/jest.js',
    '--json',
    `--outputFile=${file}`,
    '--selectProjects',
    ...projects,
  ]).catch((error) => error);
  if (!existsSync(file)) {
    throw outcome instanceof Error ? outcome : new Error('jest left no result');
  }
  const { numPassedTests, numFailedTests, numTotalTests, numRuntimeErrorTestSuites } = JSON.parse(
    readFileSync(file, 'utf8')
  );
  tally.passed += numPassedTests;
  // A suite that does not even load counts as one failure.
  tally.failed += numFailedTests + numRuntimeErrorTestSuites;
  if (numTotalTests === 0) {
    throw new Error(`no test ran in ${projects.join(', ')}`);
  }
  return { counted: true };
}

/** A program that counts its own checks and ends with "N passed, N failed". */
async function counting(program, ...programArguments) {
  const { code, passed, failed, counted } = await runCounting(['--import', 'tsx', program, ...programArguments]);
  tally.passed += passed;
  tally.failed += failed;
  if (!counted || (code !== 0 && failed === 0)) {
    throw new Error(`${program} ended with code ${code}`);
  }
  return { counted: true };
}

/** Docker's own check of the compose file, where Docker Compose is there; the unit tests hold rules of our own. */
async function compose() {
  const has = await run('docker', ['compose', 'version'], { stdio: 'ignore' }).then(
    () => true,
    () => false
  );
  if (!has) {
    console.log('not run: "docker compose" is not installed here');
    return { counted: true, outcome: 'not run' };
  }
  const env = { ...process.env, GRAFANA_ADMIN_PASSWORD: process.env.GRAFANA_ADMIN_PASSWORD ?? 'only for this check' };
  await run('docker', ['compose', '--file', 'docker-compose.yaml', 'config', '--quiet'], { env });
  return {};
}

const npm = (script) => run('npm', ['run', '--silent', script]);
const tsx = (...programArguments) => run(process.execPath, ['--import', 'tsx', ...programArguments]);

/** Each stage counts as one check, unless it counts its tests itself. */
const stages = {
  packages: () => run('npm', ['ls', '--all', '--loglevel=error'], { stdio: ['ignore', 'ignore', 'inherit'] }),
  lint: () => npm('lint'),
  types: () => npm('typecheck'),
  build: async () => {
    await ensureBuild();
    await run(process.execPath, ['scripts/bundle.mjs']);
  },
  unit: () => jest('plugin', 'stack', 'cli'),
  compose,
  docs: () => buildDocs(),
  fuzz: () => counting('stack/fuzz/main.ts', '--runs', '20000'),
  mutation: () => counting('scripts/mutation/main.mjs'),
  engines: () => tsx('stack/engines/prepare.ts'),
  conformance: () => counting('stack/conformance/main.ts'),
  faults: () => counting('stack/faults/main.ts'),
  hostile: () => counting('stack/hostile/main.ts', '--short'),
  'real-engines': () => jest('engines'),
  browser: () => counting('tests/browser/main.ts'),
  accuracy: () => tsx('stack/accuracy/main.ts', '--scrape', '120'),
  demo: () => tsx('stack/demo/main.ts', '--once'),
};

/** Runs a stage and gives its name, its time in ms, and what came of it. */
async function runStage(name, work) {
  const started = Date.now();
  const failedBefore = tally.failed;
  console.log(`\n══ ${name}`);
  try {
    const result = await work();
    tally.passed += result?.counted ? 0 : 1;
    const failed = tally.failed - failedBefore;
    return [name, Date.now() - started, result?.outcome ?? (failed > 0 ? `${failed} FAILED` : 'passed')];
  } catch (error) {
    tally.failed += 1;
    console.error(`${name} failed: ${error.message}`);
    return [name, Date.now() - started, 'FAILED'];
  }
}

async function main() {
  const started = Date.now();
  await ensureDependencies();
  const unknown = only?.filter((name) => !(name in stages)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`unknown stage ${unknown.join(', ')}; valid are: ${Object.keys(stages).join(', ')}`);
  }
  const times = [];
  for (const [name, work] of Object.entries(stages)) {
    if (only && !only.includes(name)) {
      continue;
    }
    times.push(await runStage(name, work));
  }
  console.log('\ntime per stage');
  for (const [name, ms, outcome] of times) {
    console.log(`   ${name.padEnd(14)} ${(ms / 1000).toFixed(1).padStart(7)} s  ${outcome}`);
  }
  console.log(`   ${'all'.padEnd(14)} ${((Date.now() - started) / 1000).toFixed(1).padStart(7)} s\n`);
}

main()
  .catch((error) => {
    tally.failed += 1;
    console.error(error.message);
  })
  .finally(() => {
    console.log(`${tally.passed} passed, ${tally.failed} failed`);
    process.exitCode = tally.failed > 0 ? 1 : 0;
  });
