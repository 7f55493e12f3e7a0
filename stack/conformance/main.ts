// npm run conformance -- [file.json]: the built plugin against real engines, case by case.
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { stopEngines } from '../engines';
import { createHost, type Host } from '../host';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog } from '../lib/progress';
import { repositoryRoot } from '../lib/repository';
import { layersOf } from './backfill';
import { type ConformanceCase, parseCases } from './caseFile';
import { createCaseEngines } from './engines';
import { type Outcome, runCase } from './runCase';
import { seedLoki, streamsOf } from './seed';

const usage = `usage: npm run conformance -- [file.json] [--loki-url <url>] [--prometheus-url <url>]
       [--plugin <folder>] [--verbose]

  file.json ...     files with cases; default: every file in conformance/
  --loki-url        a running Loki to push to, which must accept old lines; also LOKI_URL
  --prometheus-url  a running Prometheus, for the cases without samples; also PROMETHEUS_URL
  --plugin          folder of the built plugin; default: dist
  --verbose         print every case, not only those that fail`;

interface Tally {
  passed: number;
  failed: number;
}

/** A case that can be run. */
interface Runnable {
  testCase: ConformanceCase;
  /** The value of its streams' label. */
  id: string;
}

const engines = createCaseEngines();
let tally: Tally | undefined;

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) {
    consoleLog(usage);
    return;
  }
  const files = positionals.length > 0 ? positionals : await ownFiles();
  const parsed = (await Promise.all(files.map(casesOf))).flat();
  const counts: Tally = { passed: 0, failed: 0 };
  const runId = `${Date.now().toString(36)}x${process.pid.toString(36)}`;
  const runnable: Runnable[] = [];
  parsed.forEach((item, index) => {
    if ('valid' in item) {
      runnable.push({ testCase: item.valid, id: `${runId}-${index + 1}` });
    } else {
      const differences = [`malformed case: ${item.malformed.problem}`];
      report(counts, item.malformed.name, { kind: 'failed', differences });
    }
  });

  const lokiUrl = await lokiWith(runnable, runId, values['loki-url']);
  for (const { prometheusUrl, members, failures } of await prometheusGroups(runnable, values['prometheus-url'])) {
    const host = await createHost({ lokiUrl, prometheusUrl, pluginDirectory: values.plugin });
    for (const one of members) {
      await runAndReport(counts, host, one, failures.get(one), values.verbose);
    }
  }
  tally = counts;
}

/** A case that must fail before it asks anything needs no engine; any other may ask both. */
function asksUpstream({ testCase }: Runnable): boolean {
  return testCase.expect.error === undefined;
}

/** The address of a Loki with the lines of all cases; undefined when no case needs one. */
async function lokiWith(cases: readonly Runnable[], runId: string, givenUrl?: string): Promise<string | undefined> {
  const streams = cases.flatMap(({ testCase, id }) => streamsOf(testCase.entries, id));
  if (streams.length === 0 && !cases.some(asksUpstream)) {
    return undefined;
  }
  const url = (givenUrl ?? (await engines.loki())).replace(/\/+$/, '');
  await seedLoki(url, streams, runId);
  return url;
}

interface PrometheusGroup {
  /** Undefined when no case needs one. */
  prometheusUrl?: string;
  members: readonly Runnable[];
  /** Why a case cannot be run. */
  failures: ReadonlyMap<Runnable, string>;
}

/**
 * The cases and the Prometheus that they ask: one for all, unless cases of different files have the same days, or one was
 * given, which nobody writes to.
 */
async function prometheusGroups(cases: readonly Runnable[], givenUrl?: string): Promise<PrometheusGroup[]> {
  const layers = layersOf(cases.map(({ testCase }) => testCase.series));
  const hasGiven = (one: Runnable) => givenUrl !== undefined && one.testCase.series.length === 0;
  const groups: PrometheusGroup[] = [];
  if (cases.some(hasGiven)) {
    groups.push({ prometheusUrl: givenUrl, members: cases.filter(hasGiven), failures: new Map() });
  }
  for (const layer of [...new Set(layers)].sort((a, b) => a - b)) {
    const members = cases.filter((one, index) => layers[index] === layer && !hasGiven(one));
    const withSeries = members.filter(({ testCase }) => testCase.series.length > 0);
    const failures = new Map<Runnable, string>();
    if (withSeries.length > 0 || members.some(asksUpstream)) {
      const samples = new Map(withSeries.map((one) => [one, one.testCase.series] as const));
      const url = await engines.prometheus(samples, (one, message) => failures.set(one, message));
      groups.push({ prometheusUrl: url, members, failures });
    } else if (members.length > 0) {
      groups.push({ members, failures });
    }
  }
  return groups;
}

async function runAndReport(
  counts: Tally,
  host: Host,
  { testCase, id }: Runnable,
  failure?: string,
  verbose?: boolean
) {
  const outcome: Outcome =
    failure === undefined
      ? await outcomeOf(() => runCase(host, testCase, id))
      : { kind: 'failed', differences: [failure] };
  report(counts, testCase.name, outcome, verbose);
}

async function ownFiles(): Promise<string[]> {
  const directory = join(repositoryRoot, 'conformance');
  const names = await readdir(directory);
  return names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(directory, name));
}

async function casesOf(file: string) {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UserError(`${file} cannot be read.`);
  });
  return parseCases(text, file);
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        'loki-url': { type: 'string', default: process.env.LOKI_URL },
        'prometheus-url': { type: 'string', default: process.env.PROMETHEUS_URL },
        plugin: { type: 'string' },
        verbose: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    throw new UserError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  }
}

/** One case must not end the run, whatever happens in it. */
async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return { kind: 'failed', differences: [error instanceof Error ? error.message : String(error)] };
  }
}

function report(counts: Tally, name: string, outcome: Outcome, verbose?: boolean): void {
  switch (outcome.kind) {
    case 'failed':
      counts.failed++;
      consoleLog(`FAILED  ${name}: ${outcome.differences.join('; ')}`);
      break;
    case 'passed':
      counts.passed++;
      if (verbose) {
        consoleLog(`passed  ${name}`);
      }
  }
}

async function cleanUp(): Promise<void> {
  await stopEngines();
  const directory = engines.directory();
  if (directory) {
    if (tally?.failed) {
      consoleLog(`The engines' data is kept in ${relative(process.cwd(), directory)}`);
    } else {
      await rm(directory, { recursive: true, force: true });
    }
  }
  if (tally) {
    consoleLog(`${tally.passed} passed, ${tally.failed} failed`);
    if (tally.failed > 0) {
      process.exit(1);
    }
  }
}

runProgram(main, cleanUp);
