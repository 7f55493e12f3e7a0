import { exactSum } from '../../../domain/sums';
import { endedAfterMs } from '../../../expr/promqlCpu';
import { groupedBy } from '../../grouped';
import { type Run, runsOf } from './containerRuns';
import { type Container, type CounterSeries, joined, kindOf, type Samples } from './containers';

/** A value of a counter and its time in ms since the epoch. */
interface Value {
  value: number;
  at: number;
}

/** The last sample at or before a time (ms). */
function lastOf(samples: Samples, time: number): Value | undefined {
  for (let index = samples.length - 1; index >= 0; index--) {
    const [at, value] = samples[index] ?? [Infinity, 0];
    if (at <= time) {
      return { value, at };
    }
  }
  return undefined;
}

/** The last value of a counter at or before a time (ms): of its twins, the greatest one is the latest. */
function lastOfTwins(twins: readonly Samples[], time: number): (Value & { samples: Samples }) | undefined {
  let last: (Value & { samples: Samples }) | undefined;
  for (const samples of twins) {
    const one = lastOf(samples, time);
    if (one && (!last || one.value > last.value || (one.value === last.value && one.at > last.at))) {
      last = { ...one, samples };
    }
  }
  return last;
}

/**
 * CPU seconds that a container which has ended by a time (ms) used after its last sample, as is to be expected: half of its
 * last increment, because it ended somewhere between two scrapes. With one sample it lived as long after as before it, on
 * average. 0 for a container that has not ended, or has no sample.
 */
export function expectedTail(twins: readonly Samples[], time: number): number {
  const last = lastOfTwins(twins, time);
  const isAlive = twins.some((samples) => (lastOf(samples, time)?.at ?? -Infinity) > time - endedAfterMs);
  if (!last || isAlive) {
    return 0;
  }
  const before = (samples: Samples) => lastOf(samples, last.at - 1)?.value;
  // The twin's own sample before, if it has one: scrapes of two twins may lie close together.
  const previous = before(last.samples) ?? Math.max(...twins.map((samples) => before(samples) ?? -Infinity));
  return Number.isFinite(previous) ? Math.max(last.value - previous, 0) / 2 : last.value;
}

/** The same of all runs of the containers of a pod. One that ended in a reset of its series is complete, as far as that shows. */
export function expectedTails(containers: readonly Container[], time: number): number {
  const ended = joined(containers)
    .flatMap(({ series }) => runsOf(series))
    .filter(({ resetAt }) => resetAt > time);
  return exactSum(ended.map(({ twins }) => expectedTail(twins, time)));
}

/**
 * What the counters of a pod show together at or before a time (ms), and the time of the latest sample; undefined without a
 * sample.
 */
export function lastAt(containers: readonly Container[], time: number): Value | undefined {
  const values: number[] = [];
  let at: number | undefined;
  for (const { series } of containers) {
    const ofKinds = [...groupedBy(series, kindOf).values()].map((ofKind) => {
      const lasts = [...groupedBy(ofKind, ({ cgroup, name }) => cgroup ?? name).values()].flatMap(
        (twins) =>
          lastOfTwins(
            twins.map(({ samples }) => samples),
            time
          ) ?? []
      );
      lasts.forEach((last) => (at = Math.max(at ?? last.at, last.at)));
      return exactSum(lasts.map(({ value }) => value));
    });
    values.push(Math.max(0, ...ofKinds));
  }
  return at === undefined ? undefined : { value: exactSum(values), at };
}

/** A span of time, open at `from` and closed at `to` (ms), and what a counter may show at first and still have begun at 0. */
export interface Bounds {
  from: number;
  to: number;
  maxAtFirst: number;
  /** A counter that is first seen at or before this (ms) may have begun long before, whatever it shows. */
  oldUntil?: number;
}

/** CPU seconds that counters counted, and whether one of them first appeared with a history, which is left out. */
export interface Counted {
  seconds: number;
  hasHistory: boolean;
}

/** What a run counted in a span. One that begins inside began at 0, unless it already shows more than that allows. */
function countedInRun(
  { twins, first, isFromReset }: Run,
  { from, to, maxAtFirst, oldUntil = -Infinity }: Bounds
): Counted {
  const last = lastOfTwins(twins, to);
  if (!last) {
    return { seconds: 0, hasHistory: false };
  }
  const before = lastOfTwins(twins, from);
  const firstAt = Math.min(...twins.map((samples) => samples[0]?.[0] ?? Infinity));
  const hasHistory = !before && !isFromReset && first > (firstAt <= oldUntil ? 0 : maxAtFirst);
  return { seconds: last.value - (before?.value ?? (hasHistory ? first : 0)), hasHistory };
}

/**
 * What a container counted in a span, in all of its runs. The samples begin before the span where the container does.
 */
export function countedIn(series: readonly CounterSeries[], bounds: Bounds): Counted {
  const runs = runsOf(series).map((run) => countedInRun(run, bounds));
  return {
    seconds: exactSum(runs.map(({ seconds }) => seconds)),
    hasHistory: runs.some(({ hasHistory }) => hasHistory),
  };
}

/** The same of all containers of a pod together. */
export function countedInAll(containers: readonly Container[], bounds: Bounds): Counted {
  const all = joined(containers).map(({ series }) => countedIn(series, bounds));
  return {
    seconds: exactSum(all.map(({ seconds }) => seconds)),
    hasHistory: all.some(({ hasHistory }) => hasHistory),
  };
}

/**
 * Whether some container has several runs at the same times. It runs once at a time, so that they repeat each other in a way
 * that their labels don't show, and are added up all the same. So do, maybe, a container that has only counters without a name
 * of the run, and another one that has only others.
 */
export function hasUnknownTwins(containers: readonly Container[]): boolean {
  const all = joined(containers);
  const longest = (runs: readonly Samples[]) => runs.reduce<Samples>((a, b) => (b.length > a.length ? b : a), []);
  const ofKind = (isNone: boolean) =>
    all
      .filter(({ series }) => series.every((one) => (kindOf(one) === 'none') === isNone))
      .map(({ series }) => longest(series.map(({ samples }) => samples)));
  return (
    all.some(({ series }) => {
      const runs = runsOf(series).map(({ twins }) => longest(twins));
      return runs.some((one, index) => runs.slice(index + 1).some((other) => areTogether(one, other)));
    }) || ofKind(true).some((one) => ofKind(false).some((other) => areTogether(one, other)))
  );
}

/** At a restart, a last sample of the former counter may come with the first one of the next. */
function areTogether(a: Samples, b: Samples): boolean {
  const from = Math.max(a[0]?.[0] ?? Infinity, b[0]?.[0] ?? Infinity);
  const to = Math.min(a[a.length - 1]?.[0] ?? -Infinity, b[b.length - 1]?.[0] ?? -Infinity);
  const inside = (samples: Samples) => samples.filter(([at]) => at >= from && at <= to).length;
  return inside(a) > 1 && inside(b) > 1;
}
