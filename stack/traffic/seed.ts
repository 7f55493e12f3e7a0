import { mkdir } from 'node:fs/promises';

import { type Stages } from '../lib/progress';
import { fingerprintOf, type TrafficParameters } from './parameters';
import { truthFileOf, writeSeedRecord, type SeedRecord } from './seedRecord';
import { isDeployed } from './services';
import { createTruthWriter } from './truthWriter';
import { createWorld, type World } from './world';
import { awaitLogs, writeLogs } from './writeLogs';
import { writeMetrics } from './writeMetrics';

export interface LokiSeedOptions {
  /** Base address of a Loki that holds no lines of the span yet, without a trailing slash. */
  lokiUrl: string;
  parameters: TrafficParameters;
  /** Where the truth and the record go, for example `.data`. Is created when it does not exist. */
  directory: string;
  /** Names and times what is done. */
  stages: Stages;
}

export interface StackSeedOptions extends LokiSeedOptions {
  /** Path of promtool. */
  promtool: string;
  /** Prometheus' folder of blocks (`tsdbDirectoryOf` of `stack/engines`), best filled before it starts. */
  tsdbDirectory: string;
}

/**
 * Fills Loki and Prometheus, and writes truth and record into the directory. About a minute for the default parameters.
 * @throws Error when Loki or promtool refuse something; then there is no record, and the data are not to be used.
 */
export function seedStack(options: StackSeedOptions): Promise<SeedRecord> {
  return seed(options, options);
}

/** The same for Loki alone: the truth then knows no CPU and GPU hours. */
export function seedLoki(options: LokiSeedOptions): Promise<SeedRecord> {
  return seed(options);
}

async function seed(
  { lokiUrl, parameters, directory, stages }: LokiSeedOptions,
  metrics?: Pick<StackSeedOptions, 'promtool' | 'tsdbDirectory'>
): Promise<SeedRecord> {
  await mkdir(directory, { recursive: true });
  const world = createWorld(parameters);
  const truth = await createTruthWriter(truthFileOf(directory), parameters);
  const entries = await stages.run('filling Loki', () => writeLogs({ lokiUrl, world, truth }));
  if (metrics !== undefined) {
    await stages.run('filling Prometheus', () => writeMetrics({ ...metrics, world, truth }));
  }
  // Last, because Loki stores the lines meanwhile.
  await stages.run('checking Loki', () => awaitLogs(lokiUrl, parameters, entries));
  const hasMetrics = metrics !== undefined;
  await truth.end({ activeServices: activeServices(world), entries, hasUsage: hasMetrics });
  const record = { fingerprint: fingerprintOf(parameters), parameters, hasMetrics, entries };
  await writeSeedRecord(directory, record);
  return record;
}

function activeServices(world: World): string[] {
  return world.services
    .filter((service) => isDeployed(service, world.parameters.end))
    .map(({ name }) => name)
    .sort();
}
