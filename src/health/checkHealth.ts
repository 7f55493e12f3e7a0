import { forkJoin, map, type Observable } from 'rxjs';

import { type Settings } from '../settings';
import { lokiClient, prometheusClient } from '../upstream/dataSources';
import { type RetryPolicy } from '../upstream/retry';
import { type Transport } from '../upstream/transport';
import { type HealthReport, reportOf } from './line';
import { lokiHealth } from './lokiHealth';
import { prometheusHealth } from './prometheusHealth';

/** Somebody waits for the verdict, and an upstream that fails now is what it should tell about. */
const once: RetryPolicy = { retries: 1, firstDelayMs: 200, longestDelayMs: 200, random: Math.random };

/**
 * Save & test: asks both upstreams small real questions and says, a line each, what is there, what is missing and what to
 * change. `now` in ms since the epoch. Emits once, never errors.
 */
export function checkHealth(settings: Settings, transport: Transport, now: number): Observable<HealthReport> {
  return forkJoin([
    prometheusHealth(() => prometheusClient(transport, settings.prometheusUid, once), settings, now),
    lokiHealth(() => lokiClient(transport, settings.lokiUid, once), settings, now),
  ]).pipe(map((lines) => reportOf(lines.flat())));
}
