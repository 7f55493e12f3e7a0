import { Observable, type Subscription } from 'rxjs';

/** Lets at most a number of subscriptions run at once; the others wait, first in, first out. */
export class Gate {
  private running = 0;
  private readonly waiting: Array<() => void> = [];
  private heldUntil = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly limit: number,
    /** In ms; not the time of day, which may be set back while somebody waits. */
    private readonly now: () => number = () => performance.now()
  ) {}

  /** The same observable, which subscribes to its source only when its turn has come. */
  run<T>(source: Observable<T>): Observable<T> {
    return new Observable<T>((subscriber) => {
      let inner: Subscription | undefined;
      const start = () => {
        this.running += 1;
        inner = source.subscribe(subscriber);
        inner.add(() => {
          this.running -= 1;
          this.advance();
        });
      };
      this.waiting.push(start);
      this.advance();
      return () => {
        const index = this.waiting.indexOf(start);
        if (index >= 0) {
          this.waiting.splice(index, 1);
        }
        inner?.unsubscribe();
      };
    });
  }

  /** Lets nobody start for a while: an upstream that had too many requests would refuse the next ones too. */
  hold(ms: number): void {
    this.heldUntil = Math.max(this.heldUntil, this.now() + ms);
  }

  private advance(): void {
    const left = this.heldUntil - this.now();
    if (left > 0) {
      if (this.waiting.length > 0) {
        this.timer ??= setTimeout(() => {
          this.timer = undefined;
          this.advance();
        }, left);
      }
      return;
    }
    while (this.running < this.limit && this.waiting.length > 0) {
      this.waiting.shift()?.();
    }
  }
}
