import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { findFreePort } from '../lib/ports';
import { startEngine } from './engine';
import { lokiConfig } from './lokiConfig';
import type { Engine, LokiOptions } from './types';

/** Starts Loki and waits until it answers. Without `limits` a query meets Loki's default limits. Throws as `startEngine`. */
export function startLoki(options: LokiOptions): Promise<Engine> {
  const dataDirectory = resolve(options.dataDirectory);
  return startEngine(
    {
      name: 'loki',
      defaultPort: 3100,
      readyPath: '/ready',
      configurationPath: '/config',
      async prepare(httpPort) {
        const config = lokiConfig({ ...options, dataDirectory, httpPort, grpcPort: await findFreePort() });
        const file = join(dataDirectory, 'loki.yaml');
        // JSON is YAML.
        await writeFile(file, JSON.stringify(config, null, 2));
        return [`-config.file=${file}`];
      },
    },
    { ...options, dataDirectory }
  );
}
