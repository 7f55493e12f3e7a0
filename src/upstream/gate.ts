import { Observable, type Subscription } from 'rxjs';

/** Lets at most a number of subscriptions run at once; the others wait, first in, first out. */
export class Gate {
  private running = 0;
  private readonly waiting: Array<() => void> = [];

  constructor(private readonly limit: number) {}

  /** The same observable, which subscribes to its source only when its turn has come. */
  run<T>(source: Observable<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      let inner: Subscription | undefined;
      const start = () => {
        this.running += 1;
        inner = source.subscribe(subscriber);
        inner.add(() => this.release());
      };
      if (this.running < this.limit) {
        start();
      } else {
        this.waiting.push(start);
      }
      return () => {
        const index = this.waiting.indexOf(start);
        if (index >= 0) {
          this.waiting.splice(index, 1);
        }
        inner?.unsubscribe();
      };
    });
  }

  private release(): void {
    this.running -= 1;
    this.waiting.shift()?.();
  }
}
