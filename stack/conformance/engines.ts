import { mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { resolveBinaries, startLoki, startPrometheus, tsdbDirectoryOf } from '../engines';
import { consoleLog, silentLog } from '../lib/progress';
import { repositoryRoot } from '../lib/repository';
import { backfill } from './backfill';
import { type CaseSeries } from './caseSeries';

/** Starts real engines on fresh data directories. They end with `stopEngines` of `stack/engines`. */
export interface CaseEngines {
  /** The folder of all data; undefined until an engine was needed. */
  directory(): string | undefined;
  loki(): Promise<string>;
  /**
   * A Prometheus that holds these samples, `onFailure` is told of those that it does not take. No two cases may have the
   * same series at the same time.
   */
  prometheus<Key>(
    samples: ReadonlyMap<Key, readonly CaseSeries[]>,
    onFailure: (key: Key, message: string) => void
  ): Promise<string>;
}

export function createCaseEngines(): CaseEngines {
  let parent: string | undefined;
  let count = 0;
  const nextDirectory = async (name: string) => {
    const tests = join(repositoryRoot, '.tests');
    await mkdir(tests, { recursive: true });
    parent ??= await mkdtemp(join(tests, 'conformance-'));
    count++;
    return join(parent, `${name}-${count}`);
  };
  const binaries = () => resolveBinaries(process.stdout.isTTY ? consoleLog : silentLog);

  return {
    directory: () => parent,
    async loki() {
      const { url } = await startLoki({
        binary: (await binaries()).loki,
        dataDirectory: await nextDirectory('loki'),
        preferredPort: 0,
      });
      return url;
    },
    async prometheus(samples, onFailure) {
      const { prometheus, promtool } = await binaries();
      const dataDirectory = await nextDirectory('prometheus');
      for (const [key, series] of samples) {
        await backfill(promtool, tsdbDirectoryOf(dataDirectory), series).catch((error: Error) =>
          onFailure(key, error.message)
        );
      }
      return (await startPrometheus({ binary: prometheus, dataDirectory, preferredPort: 0 })).url;
    },
  };
}
