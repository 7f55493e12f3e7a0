// The traffic of docker-compose.yaml: fills Loki and Prometheus' folder once, then stands in for kube-state-metrics.
// node --import tsx stack/compose/main.ts [--days 60] [--lines 100000] …
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { minuteMs } from '../../src/core/domain/duration';
import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { consoleLog, createStages } from '../lib/progress';
import { startLiveInventory } from '../liveInventory';
import {
  createParameters,
  isSeededWith,
  loadTruth,
  parseTrafficArguments,
  readSeedRecord,
  seedStack,
  type TrafficParameters,
  truthFileOf,
} from '../traffic';

const ownOptions = {
  'loki-url': { type: 'string' },
  promtool: { type: 'string' },
  'tsdb-directory': { type: 'string' },
  'data-directory': { type: 'string' },
  port: { type: 'string' },
} as const;

const startAfresh = 'Remove the existing data with "docker compose down --volumes" and start again.';

async function main(): Promise<void> {
  const { given, options } = parseTrafficArguments(process.argv.slice(2), ownOptions);
  const directory = String(options['data-directory'] ?? '/traffic');
  const record = await readSeedRecord(directory);
  if (record && !isSeededWith(record, given)) {
    throw new UserError(`the engines contain traffic with other parameters. ${startAfresh}`);
  }
  if (!record) {
    await fill(createParameters(given), {
      lokiUrl: String(options['loki-url'] ?? 'http://loki:3100').replace(/\/$/, ''),
      promtool: String(options.promtool ?? 'promtool'),
      tsdbDirectory: String(options['tsdb-directory'] ?? '/prometheus/data'),
      directory,
    });
  }
  const truth = await loadTruth(truthFileOf(directory));
  const port = Number(options.port ?? 9100);
  const inventory = await startLiveInventory({ host: '0.0.0.0', port });
  inventory.publish(truth.activeServices);
  consoleLog(`${truth.activeServices.length} services are deployed; served on port ${port} until this program ends`);
  for (;;) {
    await delay(minuteMs);
  }
}

interface Engines {
  lokiUrl: string;
  promtool: string;
  tsdbDirectory: string;
  directory: string;
}

async function fill(parameters: TrafficParameters, engines: Engines): Promise<void> {
  await mkdir(engines.directory, { recursive: true });
  // Left by a run that was interrupted; Prometheus has not started then.
  await rm(engines.tsdbDirectory, { recursive: true, force: true });
  try {
    await seedStack({ ...engines, parameters, stages: createStages(consoleLog) });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UserError(`the engines could not be filled: ${reason}\n${startAfresh}`);
  }
}

runProgram(main);
