import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type Engine, resolveBinaries, startLoki, stopEngines } from '../../../stack/engines';
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
export async function openLoki(directory: string, limits?: Record<string, unknown>): Promise<Engine> {
  const { loki } = await resolveBinaries(silentLog);
  return startLoki({ binary: loki, dataDirectory: join(directory, 'loki'), limits });
}
