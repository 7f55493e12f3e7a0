// Fills a data directory: node --import tsx stack/traffic/main.ts [--days 180] [--lines 300000] … [--data-directory .data]
// With --loki-url it fills a Loki that runs already, and with --logs-only it leaves Prometheus out.
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { resolveBinaries, startLoki, stopEngines, tsdbDirectoryOf } from '../engines';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages } from '../lib/progress';
import { dataDirectory } from '../lib/repository';
import { createParameters, isSeededWith, parseTrafficArguments, readSeedRecord, seedLoki, seedStack } from './index';

const ownOptions = {
  'data-directory': { type: 'string' },
  'loki-url': { type: 'string' },
  'logs-only': { type: 'boolean' },
} as const;

async function main(): Promise<void> {
  const { given, options } = parseTrafficArguments(process.argv.slice(2), ownOptions);
  const parameters = createParameters(given);
  const directory = resolve(String(options['data-directory'] ?? dataDirectory));
  const logsOnly = options['logs-only'] === true;

  const record = await readSeedRecord(directory);
  if (isSeededWith(record, given) && (logsOnly || record?.hasMetrics === true)) {
    consoleLog(`${directory} already contains this data`);
    return;
  }
  if (options['loki-url'] !== undefined) {
    if (!logsOnly) {
      throw new UserError(
        '--loki-url needs --logs-only: blocks for a Prometheus that runs elsewhere cannot be written'
      );
    }
    await seedLoki({
      lokiUrl: String(options['loki-url']).replace(/\/$/, ''),
      parameters,
      directory,
      stages: createStages(consoleLog),
    });
    return;
  }
  const binaries = await resolveBinaries(consoleLog);
  // Two spans in one store would be counted together. Only folders that this project makes are removed.
  for (const name of ['seed.json', 'loki', 'prometheus']) {
    await rm(join(directory, name), { recursive: true, force: true });
  }
  const loki = await startLoki({ binary: binaries.loki, dataDirectory: join(directory, 'loki') });
  const base = { lokiUrl: loki.url, parameters, directory, stages: createStages(consoleLog) };
  await (logsOnly
    ? seedLoki(base)
    : seedStack({
        ...base,
        promtool: binaries.promtool,
        tsdbDirectory: tsdbDirectoryOf(join(directory, 'prometheus')),
      }));
}

runProgram(main, stopEngines);
