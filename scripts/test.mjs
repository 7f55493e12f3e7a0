// npm test: proves everything, from a fresh clone. Stages run side by side where they do not need each other; the output of each
// is printed as a whole when it ends. Prints each stage and its time, and ends with "N passed, N failed" alone on a line.
// `--only=unit,build` runs some stages.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { ensureDependencies, repositoryRoot, run } from './setup.mjs';

const only = process.argv
  .slice(2)
  .find((argument) => argument.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',');

/** Stages under way at the same time: those with engines or a browser wait for much of their time. */
const maxStages = 2;

/** Suites with engines under way at the same time. More would take more memory than they save time. */
const maxEngineSuites = Math.min(4, Math.max(2, availableParallelism() - 1));

const progressMs = 30_000;
const resultsDirectory = join(repositoryRoot, '.tests');

/**
 * Runs a program and gives its exit code and what it wrote to standard output. `write` gets all that it writes, as it comes,
 * or what it writes to standard error only (`isQuiet`). Rejects when it cannot be started.
 */
function runWriting(write, command, commandArguments, { env = process.env, isQuiet = false } = {}) {
  return new Promise((fulfil, reject) => {
    const child = spawn(command, commandArguments, { cwd: repositoryRoot, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
      if (!isQuiet) {
        write(text);
      }
    });
    child.stderr.setEncoding('utf8').on('data', write);
    child.on('error', ({ code, message }) =>
      reject(new Error(code === 'ENOENT' ? `${command} is not installed or not on PATH` : message))
    );
    child.on('close', (code) => fulfil({ code, output }));
  });
}

/** A stage that is one check: a program that has to end with code 0. */
const program =
  (command, ...commandArguments) =>
  async (write) => {
    const { code } = await runWriting(write, command, commandArguments);
    if (code !== 0) {
      throw new Error(`"${[command, ...commandArguments].join(' ')}" ended with code ${code}`);
    }
    return { passed: 1, failed: 0 };
  };
const node = (...programArguments) => program(process.execPath, ...programArguments);
const npm = (script) => program('npm', 'run', '--silent', script);

/** The installed packages are those of the lockfile; the tree of all of them is of no interest. */
async function packages(write) {
  const { code } = await runWriting(write, 'npm', ['ls', '--all', '--loglevel=error'], { isQuiet: true });
  if (code !== 0) {
    throw new Error(`"npm ls --all" ended with code ${code}`);
  }
  return { passed: 1, failed: 0 };
}

/** One stage after the other, as one check. */
const inTurn =
  (...parts) =>
  async (write) => {
    for (const part of parts) {
      await part(write);
    }
    return { passed: 1, failed: 0 };
  };

/** A stage that runs jest projects; each test is a check. */
const jest =
  (projects, ...options) =>
  async (write) => {
    mkdirSync(resultsDirectory, { recursive: true });
    const file = join(resultsDirectory, `jest-${projects.join('-')}.json`);
    rmSync(file, { force: true });
    const programArguments = ['--json', `--outputFile=${file}`, '--selectProjects', ...projects, ...options];
    const { code } = await runWriting(write, process.execPath, ['node_modules/jest/bin/jest.js', ...programArguments]);
    if (!existsSync(file)) {
      throw new Error(`jest left no result and ended with code ${code}`);
    }
    const results = JSON.parse(readFileSync(file, 'utf8'));
    if (results.numTotalTests === 0) {
      throw new Error(`no test ran in ${projects.join(', ')}`);
    }
    // A suite that does not even load counts as one failure.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    if (code !== 0 && failed === 0) {
      throw new Error(`jest ended with code ${code}`);
    }
    return { passed: results.numPassedTests, failed };
  };

/** A stage whose program counts its own checks and ends with "N passed, N failed". */
const counting =
  (file, ...programArguments) =>
  async (write) => {
    const { code, output } = await runWriting(write, process.execPath, ['--import', 'tsx', file, ...programArguments]);
    const counted = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1);
    const [passed, failed] = (counted ?? []).slice(1).map(Number);
    if (!counted) {
      throw new Error(`${file} ended with code ${code}`);
    }
    if (code !== 0 && failed === 0) {
      throw Object.assign(new Error(`${file} ended with code ${code}`), { passed });
    }
    return { passed, failed };
  };

/** Docker's own check of the compose file, where Docker Compose is there; the unit tests hold rules of our own. */
async function compose(write) {
  const has = await run('docker', ['compose', 'version'], { stdio: 'ignore' }).then(
    () => true,
    () => false
  );
  if (!has) {
    write('not run: "docker compose" is not installed here\n');
    return { passed: 0, failed: 0, outcome: 'not run' };
  }
  const env = { ...process.env, GRAFANA_ADMIN_PASSWORD: process.env.GRAFANA_ADMIN_PASSWORD ?? 'only for this check' };
  const command = ['compose', '--file', 'docker-compose.yaml', 'config', '--quiet'];
  const { code } = await runWriting(write, 'docker', command, { env });
  if (code !== 0) {
    throw new Error(`"docker ${command.join(' ')}" ended with code ${code}`);
  }
  return { passed: 1, failed: 0 };
}

const ensureBuild = `import { ensureBuild } from './scripts/setup.mjs'; await ensureBuild();`;

/** All stages, in the order of the table at the end. */
const stages = {
  packages,
  lint: npm('lint'),
  types: npm('typecheck'),
  build: inTurn(node('--input-type=module', '--eval', ensureBuild), node('scripts/bundle.mjs')),
  unit: jest(['core', 'plugin', 'stack', 'cli']),
  compose,
  docs: node('scripts/docs.mjs'),
  manifests: node('scripts/manifests.mjs'),
  fuzz: counting('stack/fuzz/main.ts', '--runs', '20000'),
  mutation: counting('scripts/mutation/main.mjs'),
  engines: node('--import', 'tsx', 'stack/engines/prepare.ts'),
  conformance: counting('stack/conformance/main.ts'),
  faults: counting('stack/faults/main.ts'),
  hostile: counting('stack/hostile/main.ts', '--short'),
  'real-engines': jest(['engines'], `--maxWorkers=${maxEngineSuites}`),
  browser: counting('tests/browser/main.ts'),
  accuracy: node('--import', 'tsx', 'stack/accuracy/main.ts', '--scrape', '120'),
  demo: node('--import', 'tsx', 'stack/demo/main.ts', '--once'),
};

/** Start as soon as they can: the others find the plugin and the engines ready, and the longest stage does not begin last. */
const early = ['build', 'engines', 'real-engines'];

/** The stages that have to end before one can start. */
function needsOf(name) {
  const withEngines = ['conformance', 'faults', 'hostile', 'real-engines', 'browser', 'accuracy', 'demo'];
  const withPlugin = ['unit', 'mutation', ...withEngines];
  return [...(withPlugin.includes(name) ? ['build'] : []), ...(withEngines.includes(name) ? ['engines'] : [])];
}

const secondsOf = (ms) => `${(ms / 1000).toFixed(1).padStart(7)} s`;

/** Runs a stage, and gives its time in ms, its counts, and what came of it. `isAlone`: its output is shown as it comes. */
async function runStage(name, isAlone) {
  const started = Date.now();
  let output = `\n══ ${name}\n`;
  const show = (text) => (isAlone ? process.stdout.write(text) : (output += text));
  console.log(isAlone ? output.trimEnd() : `── ${name} has started`);
  let result;
  try {
    result = await stages[name](show);
  } catch (error) {
    show(`${name} failed: ${error.message}\n`);
    result = { passed: error.passed ?? 0, failed: 1, outcome: 'FAILED' };
  }
  const { passed, failed, outcome = failed > 0 ? `${failed} FAILED` : 'passed' } = result;
  if (!isAlone) {
    console.log(output.trimEnd());
  }
  return { ms: Date.now() - started, passed, failed, outcome };
}

/** Runs stages side by side, and gives their results by name. */
async function runStages(names) {
  const waiting = [...names].sort((a, b) => early.includes(b) - early.includes(a));
  const results = new Map();
  const running = new Map();
  const isReady = (name) => needsOf(name).every((other) => !names.includes(other) || results.has(other));
  const start = (name) => {
    waiting.splice(waiting.indexOf(name), 1);
    const work = runStage(name, names.length === 1).then((result) => {
      running.delete(name);
      results.set(name, result);
    });
    running.set(name, { started: Date.now(), work });
  };
  const progress = setInterval(() => {
    const times = [...running].map(([name, { started }]) => `${name} ${Math.round((Date.now() - started) / 1000)} s`);
    console.log(`   ${times.join(', ')}; ${results.size} of ${names.length} stages have ended`);
  }, progressMs);
  while (waiting.length > 0 || running.size > 0) {
    const next = running.size < maxStages ? waiting.find(isReady) : undefined;
    if (next) {
      start(next);
    } else {
      await Promise.race([...running.values()].map(({ work }) => work));
    }
  }
  clearInterval(progress);
  return results;
}

const tally = { passed: 0, failed: 0 };

async function main() {
  const started = Date.now();
  await ensureDependencies();
  const unknown = only?.filter((name) => !(name in stages)) ?? [];
  if (unknown.length > 0) {
    throw new Error(`unknown stage ${unknown.join(', ')}; valid are: ${Object.keys(stages).join(', ')}`);
  }
  const names = Object.keys(stages).filter((name) => !only || only.includes(name));
  const results = await runStages(names);
  console.log('\ntime per stage; several run at the same time');
  for (const name of names) {
    const { ms, passed, failed, outcome } = results.get(name);
    tally.passed += passed;
    tally.failed += failed;
    console.log(`   ${name.padEnd(14)} ${secondsOf(ms)}  ${outcome}`);
  }
  console.log(`   ${'all'.padEnd(14)} ${secondsOf(Date.now() - started)}\n`);
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
