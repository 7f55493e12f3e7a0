import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { loopback } from '../lib/ports';
import { startEngine } from './engine';
import type { PrometheusEngine, PrometheusOptions } from './types';

/** Where Prometheus keeps its blocks under a data directory; back-filling can write there before it starts. */
export function tsdbDirectoryOf(dataDirectory: string): string {
  return join(resolve(dataDirectory), 'tsdb');
}

/** Starts Prometheus and waits until it answers. Throws as `startEngine`. */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusEngine> {
  const dataDirectory = resolve(options.dataDirectory);
  const tsdbDirectory = tsdbDirectoryOf(dataDirectory);
  const engine = await startEngine(
    {
      name: 'prometheus',
      defaultPort: 9090,
      readyPath: '/-/ready',
      configurationPath: '/api/v1/status/flags',
      async prepare(port) {
        const file = join(dataDirectory, 'prometheus.yaml');
        await mkdir(tsdbDirectory, { recursive: true });
        // JSON is YAML.
        await writeFile(file, JSON.stringify({ scrape_configs: options.scrapeConfigs ?? [] }, null, 2));
        return [
          `--config.file=${file}`,
          `--storage.tsdb.path=${tsdbDirectory}`,
          `--storage.tsdb.retention.time=${options.retention ?? '10y'}`,
          `--web.listen-address=${loopback}:${port}`,
          '--log.level=warn',
          ...(options.extraFlags ?? []),
        ];
      },
    },
    { ...options, dataDirectory }
  );
  return { ...engine, tsdbDirectory };
}
