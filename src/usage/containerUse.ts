import { endedAfterMs } from '../expr/promqlUsage';
import { type Samples } from './podSamples';

/**
 * CPU seconds that a container which has ended by a time (ms) used after its last sample, as is to be expected: half of its
 * last increment, because it ended somewhere between two scrapes. With one sample it lived as long after as before it, on
 * average. 0 for a container that has not ended, or has no sample.
 */
export function halfAt(samples: Samples, time: number): number {
  const until = samples.filter(([at]) => at <= time);
  const last = until[until.length - 1];
  const previous = until[until.length - 2];
  if (!last || last[0] > time - endedAfterMs) {
    return 0;
  }
  return previous ? Math.max(last[1] - previous[1], 0) / 2 : last[1];
}

/** Sum of the last values of counters at or before a time (ms), and the time of the latest; undefined without a sample. */
export function lastAt(counters: readonly Samples[], time: number): { value: number; at: number } | undefined {
  let value = 0;
  let at: number | undefined;
  for (const samples of counters) {
    for (let index = samples.length - 1; index >= 0; index--) {
      const sample = samples[index];
      if (sample && sample[0] <= time) {
        value += sample[1];
        at = Math.max(at ?? sample[0], sample[0]);
        break;
      }
    }
  }
  return at === undefined ? undefined : { value, at };
}
