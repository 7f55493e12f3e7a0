import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  type Engine,
  type LokiOptions,
  resolveBinaries,
  startLoki,
  startPrometheus,
  stopEngines,
  tsdbDirectoryOf,
} from '../../../stack/engines';
import { silentLog } from '../../../stack/lib/progress';
import { ensureBuild } from './build';

export interface Scratch {
  /** Absolute path of an empty folder. */
  directory: string;
  /** Stops every engine of the suite and removes the folder. */
  close(): Promise<void>;
}

/** A folder for one suite's data, and an up-to-date dist/. */
export async function openScratch(): Promise<Scratch> {
  await ensureBuild();
  const directory = mkdtempSync(join(tmpdir(), 'oscar-metrics-engines-'));
  return {
    directory,
    async close() {
      await stopEngines();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Starts a Loki with its data in the folder; `limits` are laid over Loki's default limits. */
export async function openLoki(
  directory: string,
  limits?: Record<string, unknown>,
  more: Pick<LokiOptions, 'maxChunkAge'> = {}
): Promise<Engine> {
  const { loki } = await resolveBinaries(silentLog);
  return startLoki({ binary: loki, dataDirectory: join(directory, 'loki'), preferredPort: 0, limits, ...more });
}

/**
 * Stops a Loki and starts one for each of the limits, on a copy of its data: one takes seconds to start, several at once take
 * hardly longer.
 */
export async function openCopies(original: Engine, limits: ReadonlyArray<Record<string, unknown>>): Promise<Engine[]> {
  const { loki: binary } = await resolveBinaries(silentLog);
  await original.stop();
  return Promise.all(
    limits.map(async (own, index) => {
      const dataDirectory = `${original.dataDirectory}-${index}`;
      await cp(original.dataDirectory, dataDirectory, { recursive: true });
      return startLoki({ binary, dataDirectory, preferredPort: 0, limits: own });
    })
  );
}

/** Starts a Prometheus that has samples, given as OpenMetrics text without its last line, and scrapes nothing. */
export async function openPrometheus(directory: string, openMetrics: readonly string[]): Promise<Engine> {
  const { prometheus, promtool } = await resolveBinaries(silentLog);
  const dataDirectory = join(directory, 'prometheus');
  const tsdb = tsdbDirectoryOf(dataDirectory);
  mkdirSync(tsdb, { recursive: true });
  const file = join(directory, 'samples.om');
  writeFileSync(file, [...openMetrics, '# EOF\n'].join('\n'));
  // It reads the whole file again for each block: blocks of two hours, its default, take minutes for some months.
  const command = ['tsdb', 'create-blocks-from', 'openmetrics', '--quiet', '--max-block-duration=1458h'];
  await promisify(execFile)(promtool, [...command, file, tsdb]);
  return startPrometheus({ binary: prometheus, dataDirectory, preferredPort: 0 });
}
