import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { type Engine, resolveBinaries, startLoki, startPrometheus, tsdbDirectoryOf } from './engines';
import { type Log, type Stages } from './lib/progress';
import { startLiveInventory } from './liveInventory';
import {
  createParameters,
  isSeededWith,
  loadTruth,
  readSeedRecord,
  seedLoki,
  seedStack,
  type TrafficParameters,
  type Truth,
  truthFileOf,
} from './traffic';

export interface StackOptions {
  /** Data of the engines, the truth and the record. */
  directory: string;
  /** Parameters that the data must have been made with; the others have their defaults. */
  traffic: Partial<TrafficParameters>;
  /** Laid over Loki's default limits. */
  lokiLimits?: Record<string, unknown>;
  /** 0 is any free one. Default: Loki's usual one where it is free. */
  lokiPort?: number;
  /** Likewise. */
  prometheusPort?: number;
  /** False leaves Prometheus without samples. */
  withMetrics: boolean;
  log: Log;
  stages: Stages;
}

export interface OpenStack {
  loki: Engine;
  prometheus: Engine;
  truth: Truth;
}

/**
 * Brings both engines up on data with these parameters, which are made first where they are not there yet, and reads
 * the truth about them. The engines end with `stopEngines` of `stack/engines`.
 */
export async function openStack(options: StackOptions): Promise<OpenStack> {
  const { directory, traffic, lokiLimits, lokiPort, prometheusPort, withMetrics, log, stages } = options;
  await mkdir(directory, { recursive: true });
  const binaries = await stages.run('finding Loki and Prometheus', () => resolveBinaries(log));
  const inventory = await startLiveInventory();
  const record = await readSeedRecord(directory);
  const isSeeded = isSeededWith(record, traffic) && (!withMetrics || record?.hasMetrics === true);
  if (!isSeeded) {
    // Two spans in one store would be counted together. Only folders that this project makes are removed.
    for (const name of ['seed.json', 'loki', 'prometheus']) {
      await rm(join(directory, name), { recursive: true, force: true });
    }
  }
  const loki = await stages.run('starting Loki', () =>
    startLoki({
      binary: binaries.loki,
      dataDirectory: join(directory, 'loki'),
      limits: lokiLimits,
      preferredPort: lokiPort,
    })
  );
  if (!isSeeded) {
    const parameters = createParameters(traffic);
    const base = { lokiUrl: loki.url, parameters, directory, stages };
    const tsdbDirectory = tsdbDirectoryOf(join(directory, 'prometheus'));
    await (withMetrics ? seedStack({ ...base, promtool: binaries.promtool, tsdbDirectory }) : seedLoki(base));
  }
  const truth = await stages.run('reading the truth file', () => loadTruth(truthFileOf(directory)));
  inventory.publish(truth.activeServices);
  const prometheus = await stages.run('starting Prometheus', async () => {
    const engine = await startPrometheus({
      binary: binaries.prometheus,
      dataDirectory: join(directory, 'prometheus'),
      preferredPort: prometheusPort,
      scrapeConfigs: [inventory.scrapeConfig],
    });
    await awaitScrape(engine.url);
    return engine;
  });
  return { loki, prometheus, truth };
}

/** Ends a hang only. */
const scrapeDeadlineMs = 900_000;

/** Waits for the first scrape, without which nothing is known about now. */
async function awaitScrape(prometheusUrl: string): Promise<void> {
  const deadline = Date.now() + scrapeDeadlineMs;
  while (Date.now() < deadline) {
    const response = await fetch(`${prometheusUrl}/api/v1/query?query=kube_configmap_labels`);
    const body = (await response.json()) as { data?: { result?: unknown[] } };
    if ((body.data?.result?.length ?? 0) > 0) {
      return;
    }
    await sleep(250);
  }
  throw new Error(
    `Prometheus at ${prometheusUrl} did not scrape the live inventory within ${scrapeDeadlineMs / 1000} s`
  );
}
