import { minuteMs } from '../../domain/duration';
import { type Span } from '../../domain/span';
import { type PromSeries } from '../../upstream/prometheus';

/** Values by the minute, from `first` (minutes since the epoch) on; NaN where there is none. */
export interface MinuteValues {
  readonly first: number;
  readonly values: Float64Array;
}

type Samples = PromSeries['samples'];

/**
 * What `max(last_over_time(…[back]))` of some series gives at the full minutes of a span (start inclusive, end exclusive): a
 * sample counts from its own time until the next one of its series, for less than `backMs`.
 */
export function minutesOf(twins: readonly Samples[], backMs: number, { start, end }: Span): MinuteValues {
  const [from, to] = [firstMinute(start), firstMinute(end)];
  const spans = twins.map((samples) => spansOf(samples, backMs, from, to));
  const first = Math.min(to, ...spans.map((all) => all[0]?.from ?? to));
  const last = Math.max(first, ...spans.map((all) => all[all.length - 1]?.to ?? first));
  const values = new Float64Array(last - first).fill(NaN);
  for (const { from: begin, to: stop, value } of spans.flat()) {
    for (let index = begin - first; index < stop - first; index += 1) {
      const known = values[index] ?? NaN;
      values[index] = known > value ? known : value;
    }
  }
  return { first, values };
}

/** The value at a minute since the epoch; NaN where there is none. */
export function valueIn({ first, values }: MinuteValues, minute: number): number {
  return values[minute - first] ?? NaN;
}

/** For each minute from `first` on, the index of the window that it lies in. The windows are adjacent and in order. */
export function windowAt(windows: readonly Span[], minute: number, before: number): number {
  let index = before;
  while ((windows[index]?.end ?? Infinity) <= minute * minuteMs) {
    index += 1;
  }
  return index;
}

/** The first full minute at or after a time (ms), in minutes since the epoch. */
function firstMinute(time: number): number {
  return Math.ceil(time / minuteMs);
}

/** The minutes in which each sample counts, without those in which none does. */
function spansOf(samples: Samples, backMs: number, from: number, to: number) {
  return samples.flatMap(([time, value], index) => {
    const next = samples[index + 1]?.[0] ?? Infinity;
    const begin = Math.max(from, firstMinute(time));
    const stop = Math.min(to, firstMinute(Math.min(time + backMs, next)));
    return begin < stop ? [{ from: begin, to: stop, value }] : [];
  });
}
