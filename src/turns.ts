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
