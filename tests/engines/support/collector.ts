import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { parse } from 'yaml';

import { resolveCollector } from '../../../stack/engines';
import { silentLog } from '../../../stack/lib/progress';
import { repositoryRoot } from '../../../stack/lib/repository';
import { promtailStages } from '../../../stack/pipeline/promtail';
import { type Pipeline } from '../../../stack/pipeline/stages';

/** A file of a container's log, and the labels of its stream. */
export interface CollectedFile {
  path: string;
  pipeline: Pipeline;
  labels: Record<string, string>;
}

export interface CollectorOptions {
  /** For its configuration and positions; a collector that is started again in it goes on where the last one ended. */
  directory: string;
  lokiUrl: string;
  files: readonly CollectedFile[];
  /** Path of the country database. */
  database: string;
  salt?: string;
}

export interface Collector {
  /** Fulfils when every file is read to its end, and the place is noted. */
  atEnd(): Promise<void>;
  /** Fulfils when more than so many bytes of the first file are read, and the place is noted. */
  isBeyond(bytes: number): Promise<void>;
  /** Ends it, after what it has read is sent. */
  stop(): Promise<void>;
  /** Ends it as a crash would. */
  kill(): Promise<void>;
  /** What it printed. */
  output(): string;
}

const salt = 'a secret salt';
/** Ends a hang only. */
const deadlineMs = 120_000;

const startScript = join(repositoryRoot, 'deploy/alloy/start.sh');

const running = new Set<() => void>();

/** Ends every collector that is still running, as a crash would. */
export function killCollectors(): void {
  for (const kill of running) {
    kill();
  }
  running.clear();
}

process.once('exit', killCollectors);

/** Starts the collector of stack/engines/collector with the stages of stack/pipeline, by the script that starts Alloy in a cluster. */
export async function startCollector(options: CollectorOptions): Promise<Collector> {
  const { directory, files } = options;
  mkdirSync(directory, { recursive: true });
  const positions = join(directory, 'positions.yaml');
  const file = join(directory, 'collector.yaml');
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configurationOf(options, positions)));
  const command = [startScript, await resolveCollector(silentLog), file];
  const env = {
    ...process.env,
    STATE: directory,
    POSITIONS: 'positions.yaml',
    LOKI_PUSH_URL: `${options.lokiUrl}/loki/api/v1/push`,
  };
  // A group of its own, which ends as a container does.
  const child = spawn('bash', command, { stdio: ['ignore', 'pipe', 'pipe'], detached: true, env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'exit');
  const killGroup = () => process.kill(-(child.pid ?? 0), 'SIGKILL');
  running.add(killGroup);
  const until = (isTrue: () => boolean) =>
    untilTrue(
      isTrue,
      () => child.exitCode !== null,
      () => output
    );
  await until(() => output.includes('running'));
  const end = async (finish: () => void) => {
    finish();
    await ended;
    running.delete(killGroup);
  };
  return {
    atEnd: () => until(() => files.every(({ path }) => placeIn(positions, path) === statSync(path).size)),
    isBeyond: (bytes) => until(() => placeIn(positions, files[0]?.path ?? '') > bytes),
    stop: () => end(() => child.kill('SIGTERM')),
    kill: () => end(killGroup),
    output: () => output,
  };
}

function configurationOf({ lokiUrl, files, database, salt: given = salt }: CollectorOptions, positions: string) {
  const pipelines = new Map(files.map(({ pipeline }) => [pipeline.name, pipeline]));
  return {
    positions: { filename: positions, sync_period: '100ms' },
    // As in deploy/: it tries for ever.
    client: {
      url: `${lokiUrl}/loki/api/v1/push`,
      batchwait: '100ms',
      timeout: '5s',
      backoff_config: { max_retries: 0, min_period: '100ms', max_period: '500ms' },
    },
    scrape_configs: [...pipelines.values()].map((pipeline) => ({
      job_name: pipeline.name,
      pipeline_stages: withDatabase(promtailStages(pipeline.stages, given), database),
      static_configs: files
        .filter((file) => file.pipeline.name === pipeline.name)
        .map(({ path, labels }) => ({ targets: ['localhost'], labels: { ...labels, __path__: path } })),
    })),
  };
}

function withDatabase(stages: Array<Record<string, unknown>>, db: string): Array<Record<string, unknown>> {
  return stages.map((stage) => ('geoip' in stage ? { geoip: { ...(stage.geoip as object), db } } : stage));
}

/** How far a file is read, by the collector's notes; -1 before there are any. */
function placeIn(positions: string, path: string): number {
  try {
    const places = (parse(readFileSync(positions, 'utf8')) as { positions: Record<string, string> }).positions;
    return Number(places[path] ?? -1);
  } catch {
    return -1;
  }
}

async function untilTrue(isTrue: () => boolean, isOver: () => boolean, output: () => string): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!isTrue()) {
    if (isOver() || Date.now() > deadline) {
      throw new Error(`the collector ended early, or hangs:\n${output().slice(-4000)}`);
    }
    await sleep(50);
  }
}
