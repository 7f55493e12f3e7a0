import { endedAfterMs } from '../expr/promqlUsage';
import { type Container, type Counter, type Samples, tellingOf } from './counters';

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
function lastOfTwins(twins: Counter, time: number): (Value & { samples: Samples }) | undefined {
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
export function halfAt(twins: Counter, time: number): number {
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

/** The same of all containers of a pod. */
export function halvesAt(containers: readonly Container[], time: number): number {
  return containers.flatMap(tellingOf).reduce((sum, twins) => sum + halfAt(twins, time), 0);
}

/**
 * What the counters of a pod show together at or before a time (ms), and the time of the latest sample; undefined without a
 * sample. As `shownByPod` of the queries.
 */
export function lastAt(containers: readonly Container[], time: number): Value | undefined {
  let value = 0;
  let at: number | undefined;
  for (const { known, others } of containers) {
    const sums = [known, others].map((counters) => {
      const lasts = counters.flatMap((twins) => lastOfTwins(twins, time) ?? []);
      lasts.forEach((last) => (at = Math.max(at ?? last.at, last.at)));
      return lasts.reduce((sum, last) => sum + last.value, 0);
    });
    value += Math.max(...sums);
  }
  return at === undefined ? undefined : { value, at };
}

/** A span of time, open at `from` and closed at `to` (ms), and what a counter may show at first and still have begun at 0. */
export interface Bounds {
  from: number;
  to: number;
  mostAtFirst: number;
}

/** CPU seconds that counters counted, and whether one of them first appeared with a history, which is left out. */
export interface Counted {
  seconds: number;
  hasHistory: boolean;
}

/**
 * A counter as its twins tell of it, sample by sample in the order of time. Each of them tells of a reset for itself, some later
 * than others or, over a gap, not at all: a value is of the current run of the counter when its twin saw the reset or may have
 * missed it.
 */
class TwinCounter {
  private run = 0;
  private finished = 0;
  private readonly seen = new Map<number, { value: number; run: number }>();

  constructor(private most: number) {}

  /** What it has counted, with what its resets took. */
  get total(): number {
    return this.finished + this.most;
  }

  take(twin: number, value: number): void {
    const before = this.seen.get(twin) ?? { value: -Infinity, run: this.run };
    const isReset = value < before.value;
    const isBehind = before.run < this.run;
    if (isReset && !isBehind) {
      this.finished += this.most;
      this.most = value;
      this.run += 1;
    }
    // Without a reset of its own, a twin that is behind shows the former run, or has grown over its gap.
    const isOld = isBehind && !isReset && value > 2 * this.most;
    this.most = isOld ? this.most : Math.max(this.most, value);
    this.seen.set(twin, { value, run: isOld ? before.run : this.run });
  }
}

/**
 * What a counter counted in a span, with what its resets took. The samples begin before the span where the counter does; one
 * that begins inside began at 0, unless it already shows more than that allows.
 */
export function countedIn(twins: Counter, { from, to, mostAtFirst }: Bounds): Counted {
  const samples = twins
    .flatMap((one, twin) => one.map(([at, value]) => ({ at, value, twin })))
    .filter(({ at }) => at <= to)
    .sort((a, b) => a.at - b.at);
  const [first] = samples;
  if (!first) {
    return { seconds: 0, hasHistory: false };
  }
  const hasHistory = first.at > from && first.value > mostAtFirst;
  const counter = new TwinCounter(first.value);
  let atStart = hasHistory ? first.value : 0;
  for (const { at, value, twin } of samples) {
    counter.take(twin, value);
    atStart = at <= from ? counter.total : atStart;
  }
  return { seconds: counter.total - atStart, hasHistory };
}

/** The same of all containers of a pod together. */
export function countedInAll(containers: readonly Container[], bounds: Bounds): Counted {
  const all = containers.flatMap(tellingOf).map((twins) => countedIn(twins, bounds));
  return {
    seconds: all.reduce((sum, { seconds }) => sum + seconds, 0),
    hasHistory: all.some(({ hasHistory }) => hasHistory),
  };
}

/**
 * Whether some container has several counters at the same times. It runs once at a time, so that they repeat each other in a way
 * that their labels don't tell, and are added up all the same.
 */
export function hasUnknownTwins(containers: readonly Container[]): boolean {
  return containers.some((container) => {
    const counters = tellingOf(container).map((twins) => twins.reduce((a, b) => (b.length > a.length ? b : a), []));
    return counters.some((one, index) => counters.slice(index + 1).some((other) => areTogether(one, other)));
  });
}

/** At a restart, a last sample of the former counter may come with the first one of the next. */
function areTogether(a: Samples, b: Samples): boolean {
  const from = Math.max(a[0]?.[0] ?? Infinity, b[0]?.[0] ?? Infinity);
  const to = Math.min(a[a.length - 1]?.[0] ?? -Infinity, b[b.length - 1]?.[0] ?? -Infinity);
  const inside = (samples: Samples) => samples.filter(([at]) => at >= from && at <= to).length;
  return inside(a) > 1 && inside(b) > 1;
}
