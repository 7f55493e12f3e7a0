import { dayMs } from '../../../src/core/domain/duration';
import { silentLog, createStages } from '../../../stack/lib/progress';
import { openStack, type OpenStack, type StackOptions } from '../../../stack/openStack';
import { type Range, type TrafficParameters } from '../../../stack/traffic';

/** Generated traffic of fixed size and time, so that a failure shows again in the next run. */
export const fixedTraffic = {
  days: 40,
  lines: 20_000,
  services: 20,
  users: 300,
  countries: 10,
  seed: 11,
  // Ends after the change to winter time, so that the span has a day of 25 hours in most of Europe.
  end: Date.parse('2025-11-01T00:00:00Z'),
} as const satisfies Partial<TrafficParameters>;

/** Both engines on generated traffic; filled at the first call for a folder, only started at later ones. */
export function openTraffic(
  directory: string,
  traffic: Partial<TrafficParameters>,
  { lokiLimits, withMetrics = true }: Partial<Pick<StackOptions, 'lokiLimits' | 'withMetrics'>> = {}
): Promise<OpenStack> {
  return openStack({
    directory,
    traffic,
    lokiLimits,
    // Suites run side by side.
    lokiPort: 0,
    prometheusPort: 0,
    withMetrics,
    log: silentLog,
    stages: createStages(silentLog),
  });
}

/** The last `days` days of generated traffic; both ends are whole hours, the end exclusive. */
export function lastDays({ end }: { end: number }, days: number): Range {
  return { from: end - days * dayMs, to: end };
}
