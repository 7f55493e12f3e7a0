import { Observable } from 'rxjs';

/** Work that can be interrupted wherever it yields, and returns its result. */
export type Work<T> = Generator<void, T>;

/** The result of work that is not interrupted. */
export function finished<T>(work: Work<T>): T {
  let step = work.next();
  while (!step.done) {
    step = work.next();
  }
  return step.value;
}

/** Items that are sorted, or put in their place, between two interruptions. */
const sortedAtOnce = 2000;

/** The items in the order of `compare`, which keeps equal ones as they stand, as work that can be interrupted. */
export function* sortedInSteps<T>(items: readonly T[], compare: (one: T, other: T) => number): Work<T[]> {
  let runs: T[][] = [];
  for (let start = 0; start < items.length; start += sortedAtOnce) {
    runs.push(items.slice(start, start + sortedAtOnce).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const longer: T[][] = [];
    for (let index = 0; index < runs.length; index += 2) {
      longer.push(yield* mergedRuns(runs[index] ?? [], runs[index + 1] ?? [], compare));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* mergedRuns<T>(one: readonly T[], other: readonly T[], compare: (a: T, b: T) => number): Work<T[]> {
  const merged: T[] = [];
  let [ofOne, ofOther] = [0, 0];
  while (merged.length < one.length + other.length) {
    const isOne = ofOther >= other.length || (ofOne < one.length && compare(one[ofOne] as T, other[ofOther] as T) <= 0);
    merged.push((isOne ? one[ofOne++] : other[ofOther++]) as T);
    if (merged.length % sortedAtOnce === 0) {
      yield;
    }
  }
  return merged;
}

/** A turn ends at the first interruption after this time. */
const turnMs = 10;

/**
 * Does pieces of work one after the other, in turns of some milliseconds, so that the page can react in between. The panels
 * of a dashboard get their common data at the same instant, and each of them needs some time to show it.
 */
export class Turns {
  /** Each goes on until a time, and tells whether it has come to its end. */
  private readonly waiting: Array<(until: number) => boolean> = [];
  private scheduled = false;

  /** The result of `work`, which begins in a later task; it is left when nobody is subscribed any more. */
  run<T>(work: () => Work<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      let steps: Work<T> | undefined;
      this.waiting.push((until) => {
        try {
          steps ??= work();
          while (!subscriber.closed) {
            const step = steps.next();
            if (step.done) {
              subscriber.next(step.value);
              subscriber.complete();
            } else if (performance.now() >= until) {
              return false;
            }
          }
        } catch (error) {
          subscriber.error(error);
        }
        return true;
      });
      this.schedule();
    });
  }

  private schedule(): void {
    if (!this.scheduled && this.waiting.length > 0) {
      this.scheduled = true;
      setTimeout(() => {
        this.scheduled = false;
        this.take(performance.now() + turnMs);
        this.schedule();
      }, 0);
    }
  }

  /** A turn: as many pieces of work as there is time for. */
  private take(until: number): void {
    do {
      const next = this.waiting.shift();
      if (next?.(until) === false) {
        this.waiting.unshift(next);
      }
    } while (this.waiting.length > 0 && performance.now() < until);
  }
}

/** All panels of a page share its one thread. */
export const pageTurns = new Turns();
