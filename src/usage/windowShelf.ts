import { lengthOf, type Span } from '../domain/span';
import { type UsageWindow } from './usageView';
import { type WindowStore } from './windowStore';

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

const hourMs = 3_600_000;

/** The settled windows of one question. */
export class WindowShelf<V extends UsageWindow> {
  /** @param question everything but its ends that shapes a window */
  constructor(
    private readonly store: WindowStore<KeptWindow<V>>,
    private readonly question: readonly string[],
    private readonly settling: Settling
  ) {}

  /**
   * Cuts the window that is still open at the last full hour that can no longer change, so that most of today is kept, too.
   * For hours of use that add up whatever they are cut into.
   */
  cutOpen(windows: readonly Span[]): Span[] {
    const settled = this.settling.now - this.settling.settleMs;
    const edge = settled - (settled % hourMs);
    return windows.flatMap(({ start, end }) =>
      start < edge && edge < end
        ? [
            { start, end: edge },
            { start: edge, end },
          ]
        : [{ start, end }]
    );
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
