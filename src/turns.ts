import { Observable } from 'rxjs';

/**
 * Does pieces of work one after the other, each in a task of its own, so that the page can react in between. The panels
 * of a dashboard get their common data at the same instant, and each of them needs some milliseconds to show it.
 */
export class Turns {
  private readonly waiting: Array<() => void> = [];
  private scheduled = false;

  /** The value of `work`, which is called in a turn of its own; not at all when nobody is subscribed any more. */
  run<T>(work: () => T): Observable<T> {
    return new Observable<T>((subscriber) => {
      this.waiting.push(() => {
        if (subscriber.closed) {
          return;
        }
        try {
          subscriber.next(work());
          subscriber.complete();
        } catch (error) {
          subscriber.error(error);
        }
      });
      this.schedule();
    });
  }

  private schedule(): void {
    if (!this.scheduled && this.waiting.length > 0) {
      this.scheduled = true;
      setTimeout(() => {
        this.scheduled = false;
        const next = this.waiting.shift();
        this.schedule();
        next?.();
      }, 0);
    }
  }
}
