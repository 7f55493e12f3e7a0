// npm run conformance -- [file.json]: the built plugin against real engines, case by case.
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';

import { resolveBinaries, startLoki, startPrometheus, stopEngines } from '../engines';
import { createHost } from '../host';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, silentLog } from '../lib/progress';
import { repositoryRoot } from '../lib/repository';
import { type ConformanceCase, parseCases } from './caseFile';
import { type Outcome, runCase } from './runCase';
import { seedLoki, streamsOf } from './seed';

const usage = `usage: npm run conformance -- [file.json] [--loki-url <url>] [--prometheus-url <url>]
       [--plugin <folder>] [--verbose]

  file.json ...     the cases; default: every file in conformance/
  --loki-url        a running Loki to push to, which must take old lines; also LOKI_URL
  --prometheus-url  a running Prometheus; also PROMETHEUS_URL
  --plugin          folder of the built plugin; default: dist
  --verbose         a line for every case, not only for those that fail`;

interface Tally {
  passed: number;
  failed: number;
  unsupported: string[];
}

let temporaryDirectory: string | undefined;
let tally: Tally | undefined;

async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  if (values.help) {
    consoleLog(usage);
    return;
  }
  const files = positionals.length > 0 ? positionals : await ownFiles();
  const parsed = (await Promise.all(files.map(casesOf))).flat();

  const engines = await findEngines(values['loki-url'], values['prometheus-url']);
  const runId = `${Date.now().toString(36)}x${process.pid.toString(36)}`;
  const caseIdOf = (index: number) => `${runId}-${index + 1}`;
  const streams = parsed.flatMap((item, index) =>
    'valid' in item ? streamsOf(item.valid.entries, caseIdOf(index)) : []
  );
  await seedLoki(engines.lokiUrl, streams, runId);

  const host = await createHost({ ...engines, pluginDirectory: values.plugin });
  const counts: Tally = { passed: 0, failed: 0, unsupported: [] };
  for (const [index, item] of parsed.entries()) {
    if ('malformed' in item) {
      report(counts, item.malformed.name, {
        kind: 'failed',
        differences: [`malformed case: ${item.malformed.problem}`],
      });
    } else {
      const outcome = await outcomeOf(() => runCase(host, item.valid, caseIdOf(index)));
      report(counts, item.valid.name, outcome, values.verbose ? item.valid : undefined);
    }
  }
  tally = counts;
}

async function ownFiles(): Promise<string[]> {
  const directory = join(repositoryRoot, 'conformance');
  const names = await readdir(directory);
  return names.filter((name) => name.endsWith('.json')).map((name) => join(directory, name));
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

/** The engines that were named; real ones on a fresh data directory for those that were not. */
async function findEngines(lokiUrl?: string, prometheusUrl?: string) {
  if (lokiUrl && prometheusUrl) {
    return { lokiUrl: lokiUrl.replace(/\/+$/, ''), prometheusUrl };
  }
  const parent = join(repositoryRoot, '.tests');
  await mkdir(parent, { recursive: true });
  const directory = (temporaryDirectory = await mkdtemp(join(parent, 'conformance-')));
  const binaries = await resolveBinaries(process.stdout.isTTY ? consoleLog : silentLog);
  const [loki, prometheus] = await Promise.all([
    lokiUrl ?? startLoki({ binary: binaries.loki, dataDirectory: join(directory, 'loki') }).then(({ url }) => url),
    prometheusUrl ??
      startPrometheus({ binary: binaries.prometheus, dataDirectory: join(directory, 'prometheus') }).then(
        ({ url }) => url
      ),
  ]);
  return { lokiUrl: loki.replace(/\/+$/, ''), prometheusUrl: prometheus };
}

/** One case must not end the run, whatever happens in it. */
async function outcomeOf(run: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return { kind: 'failed', differences: [error instanceof Error ? error.message : String(error)] };
  }
}

function report(counts: Tally, name: string, outcome: Outcome, verboseCase?: ConformanceCase): void {
  switch (outcome.kind) {
    case 'failed':
      counts.failed++;
      consoleLog(`FAILED  ${name}: ${outcome.differences.join('; ')}`);
      break;
    case 'unsupported':
      counts.unsupported.push(`${name} (${outcome.queryType})`);
      break;
    case 'passed':
      counts.passed++;
      if (verboseCase) {
        consoleLog(`passed  ${name}`);
      }
  }
}

async function cleanUp(): Promise<void> {
  await stopEngines();
  if (temporaryDirectory) {
    if (tally?.failed) {
      consoleLog(`The engines' data stay in ${relative(process.cwd(), temporaryDirectory)}`);
    } else {
      await rm(temporaryDirectory, { recursive: true, force: true });
    }
  }
  if (tally) {
    tally.unsupported.forEach((text) => consoleLog(`not yet supported: ${text}`));
    consoleLog(`${tally.passed} passed, ${tally.failed} failed`);
    if (tally.failed > 0) {
      process.exit(1);
    }
  }
}

runProgram(main, cleanUp);
