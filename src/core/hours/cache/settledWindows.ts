import { hourMs, minuteMs } from '../../domain/duration';
import { lengthOf, type Span } from '../../domain/span';
import { type Granularity } from '../../requests/grid';
import { type UsageWindow } from '../view';
import { beginsWhole } from '../windows';
import { type LruStore } from './lruStore';

/** A window as it is kept: its hours, and what of it was not scraped. */
export interface KeptWindow<V extends UsageWindow> {
  view: V;
  missing: Span[];
  size: number;
}

/** What is known about the time at which windows are read. */
export interface Settling {
  /** ms since the epoch. */
  now: number;
  /** How long after its end a window may still change. */
  settleMs: number;
  /** True to read again what is kept. */
  readAgain: boolean;
}

/** The settled windows of one question. */
export class SettledWindows<V extends UsageWindow> {
  /** @param question everything but its ends that shapes a window */
  constructor(
    private readonly store: LruStore<KeptWindow<V>>,
    private readonly question: readonly string[],
    private readonly settling: Settling
  ) {}

  /**
   * Cuts windows so that a range that moves with the clock finds nearly all of them again. For hours of use that add up
   * whatever they are cut into; the ends of the range are whole minutes.
   */
  cut(windows: readonly Span[], { zone, granularity }: { zone: string; granularity: Granularity }): Span[] {
    const settled = this.settling.now - this.settling.settleMs;
    const edge = settled - (settled % hourMs);
    const [first, ...rest] = windows;
    if (!first) {
      return [];
    }
    const beginning = beginsWhole(first, zone, granularity) ? [first] : cutBeginning(first, edge);
    return cutOpen([...beginning, ...rest], edge);
  }

  /** What is kept of windows, and those that have to be read. */
  split(windows: readonly Span[]): { kept: Array<KeptWindow<V>>; wanted: Span[] } {
    const found = windows.map((window) => ({
      window,
      kept: this.settling.readAgain ? undefined : this.store.get(this.keyOf(window)),
    }));
    return {
      kept: found.flatMap(({ kept }) => kept ?? []),
      wanted: found.filter(({ kept }) => !kept).map(({ window }) => window),
    };
  }

  /** Keeps a window that was read, if it can no longer change. A store that shows nothing at all may do so later. */
  keep(view: V, missing: Span[]): KeptWindow<V> {
    const one = { view, missing, size: 2 + view.hours.size };
    const { now, settleMs } = this.settling;
    if (view.end + settleMs <= now && missing.every((gap) => lengthOf(gap) < lengthOf(view))) {
      this.store.set(this.keyOf(view), one);
    }
    return one;
  }

  private keyOf({ start, end }: Span): string {
    return JSON.stringify([...this.question, start, end]);
  }
}

/**
 * Cuts off what is left of the hour in which a range begins, by the minute: to ask for sixty minutes costs an engine no more
 * than to ask for one, which saves the question after each minute. Nothing is cut that may still change.
 */
function cutBeginning({ start, end }: Span, settledUntil: number): Span[] {
  const hour = Math.min(end, Math.ceil(start / hourMs) * hourMs);
  if (hour > settledUntil) {
    return [{ start, end }];
  }
  const minutes: Span[] = [];
  for (let minute = start; minute < hour; minute += minuteMs) {
    minutes.push({ start: minute, end: minute + minuteMs });
  }
  return hour < end ? [...minutes, { start: hour, end }] : minutes;
}

/** Cuts the window that is still open at the last full hour that can no longer change, so that most of today is kept. */
function cutOpen(windows: readonly Span[], settledUntil: number): Span[] {
  return windows.flatMap(({ start, end }) =>
    start < settledUntil && settledUntil < end
      ? [
          { start, end: settledUntil },
          { start: settledUntil, end },
        ]
      : [{ start, end }]
  );
}
