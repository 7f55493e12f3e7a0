import { Observable, type Subscription } from 'rxjs';

interface Waiting {
  /** Whom it is for: an upstream. */
  key: string;
  start: () => void;
}

/**
 * Lets at most a number of subscriptions run at once; the others wait, first in, first out. Those of one key can be held
 * for a while; the others then overtake them.
 */
export class Gate {
  private running = 0;
  private readonly waiting: Waiting[] = [];
  private readonly heldUntil = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly limit: number,
    /** In ms; not the time of day, which may be set back while somebody waits. */
    private readonly now: () => number = () => performance.now()
  ) {}

  /** The same observable, which subscribes to its source only when its turn has come. */
  run<T>(source: Observable<T>, key = ''): Observable<T> {
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
      const own = { key, start };
      this.waiting.push(own);
      this.advance();
      return () => {
        const index = this.waiting.indexOf(own);
        if (index >= 0) {
          this.waiting.splice(index, 1);
        }
        inner?.unsubscribe();
      };
    });
  }

  /** Lets nobody of a key start for a while: an upstream that had too many requests would refuse the next ones too. */
  hold(ms: number, key = ''): void {
    this.heldUntil.set(key, Math.max(this.heldUntil.get(key) ?? 0, this.now() + ms));
  }

  private advance(): void {
    // One look at the clock: a hold that ended between two looks would let nobody start, and nobody come back.
    const now = this.now();
    while (this.running < this.limit) {
      const index = this.waiting.findIndex(({ key }) => this.leftOf(key, now) <= 0);
      const [next] = index < 0 ? [] : this.waiting.splice(index, 1);
      if (!next) {
        break;
      }
      next.start();
    }
    this.comeBack(now);
  }

  /** How long a key is held still, in ms. */
  private leftOf(key: string, now: number): number {
    return (this.heldUntil.get(key) ?? 0) - now;
  }

  /** Looks again when the first of those that wait is no longer held. */
  private comeBack(now: number): void {
    const lefts = this.waiting.map(({ key }) => this.leftOf(key, now)).filter((left) => left > 0);
    clearTimeout(this.timer);
    if (lefts.length > 0) {
      this.timer = setTimeout(() => this.advance(), Math.min(...lefts));
    }
  }
}
