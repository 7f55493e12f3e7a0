import { Observable, type Subscription } from 'rxjs';

interface Waiting {
  /** Whom it is for: an upstream. */
  key: string;
  start: () => void;
}

export interface GateOptions {
  /** How many of one key may run at once; absent for a key: as many as of all. */
  limitByKey?: Readonly<Record<string, number>>;
  /** In ms; not the time of day, which may be set back while somebody waits. */
  now?: () => number;
}

/**
 * Lets at most a number of subscriptions run at once; the others wait, first in, first out. Those of a key of which as many run as
 * may, or that is held for a while, are overtaken by the others.
 */
export class Gate {
  /** How many run, by key. */
  private readonly running = new Map<string, number>();
  private readonly waiting: Waiting[] = [];
  private readonly heldUntil = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  private readonly limitByKey: Readonly<Record<string, number>>;
  private readonly now: () => number;

  constructor(
    private readonly limit: number,
    { limitByKey = {}, now = () => performance.now() }: GateOptions = {}
  ) {
    this.limitByKey = limitByKey;
    this.now = now;
  }

  /** The same observable, which subscribes to its source only when its turn has come. */
  run<T>(source: Observable<T>, key = ''): Observable<T> {
    return new Observable<T>((subscriber) => {
      let inner: Subscription | undefined;
      const start = () => {
        this.count(key, 1);
        inner = source.subscribe(subscriber);
        inner.add(() => {
          this.count(key, -1);
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
    while (this.runningOfAll < this.limit) {
      const index = this.waiting.findIndex(({ key }) => this.leftOf(key, now) <= 0 && this.hasRoom(key));
      const [next] = index < 0 ? [] : this.waiting.splice(index, 1);
      if (!next) {
        break;
      }
      next.start();
    }
    this.comeBack(now);
  }

  private count(key: string, change: number): void {
    this.running.set(key, (this.running.get(key) ?? 0) + change);
  }

  private get runningOfAll(): number {
    return [...this.running.values()].reduce((sum, own) => sum + own, 0);
  }

  private hasRoom(key: string): boolean {
    return (this.running.get(key) ?? 0) < (this.limitByKey[key] ?? Infinity);
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
