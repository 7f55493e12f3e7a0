import { join, resolve } from 'node:path';

import { loopback } from '../lib/ports';
import { startEngine } from './engine';
import type { Engine, VictoriaMetricsOptions } from './types';

/** Starts a single-node VictoriaMetrics and waits until it answers. Throws as `startEngine`. */
export async function startVictoriaMetrics(options: VictoriaMetricsOptions): Promise<Engine> {
  const dataDirectory = resolve(options.dataDirectory);
  return startEngine(
    {
      name: 'victoria-metrics',
      defaultPort: 8428,
      readyPath: '/health',
      configurationPath: '/flags',
      prepare: async (port) => [
        `-storageDataPath=${join(dataDirectory, 'storage')}`,
        `-retentionPeriod=${options.retention ?? '100y'}`,
        `-httpListenAddr=${loopback}:${port}`,
        // Else the samples of the last half minute are left out of an answer.
        '-search.latencyOffset=0s',
        '-loggerLevel=WARN',
        ...(options.extraFlags ?? []),
      ],
    },
    { ...options, dataDirectory }
  );
}
