import { defer, forkJoin, map, type Observable, of, shareReplay, tap } from 'rxjs';

import { hourMs } from '../../domain/duration';
import { type Span } from '../../domain/span';
import { type CpuWindow } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type LruStore } from '../cache/lruStore';
import { type Settling } from '../cache/settledWindows';
import { dayOf } from '../windows';
import { askPods } from './askPods';
import { type Completions, completionsIn, noCompletions } from './completedPods';

export interface KeptCompletions {
  completions: Completions;
  size: number;
}

/** Completions as an engine answered. */
export interface CompletionsRead {
  completions: Completions;
  /** What the engine said of its answer, such as that it is partial. */
  warnings: readonly string[];
}

/**
 * Asks for the completed pods of the day of each window, where a pod of the window has no sample. Errors like the client.
 *
 * @param own those of the windows themselves
 */
export function askDays(
  client: PrometheusClient,
  { shape, oldUntil, days }: { shape: CpuWindow; oldUntil: number; days: DayCompletions },
  windows: readonly Span[],
  own: readonly Completions[]
): Observable<Completions[]> {
  const ask = ({ start, end }: Span) =>
    defer(() => {
      const warnings: string[] = [];
      const watched = client.reporting((warning) => warnings.push(warning));
      const lengthMs = end - start;
      const run = { first: { start, end }, lengthMs, count: 1 };
      return askPods(watched, { ...shape, windowMs: lengthMs }, run, oldUntil).pipe(
        map((facts) => ({ completions: completionsIn(facts)[0] ?? noCompletions(), warnings }))
      );
    });
  return forkJoin(windows.map((window, index) => days.of(window, own[index] ?? noCompletions(), ask)));
}

/**
 * The completions of the whole days that windows lie in, from which the rates of pods without a sample are taken: those of
 * a part of the day would give another estimate, and adjacent ranges would no longer add up. Days are read once; a day
 * that may still change, once an hour.
 */
export class DayCompletions {
  private readonly underWay = new Map<string, Observable<Completions>>();

  /** @param question everything but the day that shapes its completions */
  constructor(
    private readonly store: LruStore<KeptCompletions>,
    private readonly question: readonly string[],
    private readonly settling: Settling,
    private readonly zone: string
  ) {}

  /**
   * Those of the day of a window: its own where it is the day, those that are kept, or what `read` gives for the day up to
   * the last full hour. Nothing is needed, and read, where no pod of the window is without a sample. Nothing is kept that
   * the engine warned of.
   */
  of(window: Span, own: Completions, read: (day: Span) => Observable<CompletionsRead>): Observable<Completions> {
    const day = dayOf(window, this.zone);
    const { now, settleMs, readAgain } = this.settling;
    const hour = now - (now % hourMs);
    const end = Math.min(day.end, hour);
    if (own.unsampledLife.size === 0) {
      return of(noCompletions());
    }
    if (end <= day.start || (day.start === window.start && end === window.end)) {
      return of(own);
    }
    const isSettled = end + settleMs <= now;
    const key = JSON.stringify([...this.question, day.start, end, ...(isSettled ? [] : [hour])]);
    const kept = readAgain ? undefined : this.store.get(key);
    if (kept) {
      return of(kept.completions);
    }
    const known = this.underWay.get(key);
    if (known) {
      return known;
    }
    const answer = read({ start: day.start, end }).pipe(
      tap(({ completions, warnings }) => {
        if (warnings.length === 0) {
          this.store.set(key, { completions, size: 1 + sizeOf(completions) });
        }
      }),
      map(({ completions }) => completions),
      shareReplay({ bufferSize: 1, refCount: true })
    );
    this.underWay.set(key, answer);
    return answer;
  }
}

function sizeOf(completions: Completions): number {
  return Object.values(completions).reduce((sum, part: ReadonlyMap<string, number>) => sum + part.size, 0);
}
