import fc from 'fast-check';
import { EMPTY, NEVER, Observable, of, type Subscription, throwError } from 'rxjs';

import { Gate } from './gate';

/** Jobs behind a gate: which of them started, and how those that run can end. */
class Jobs {
  readonly started: number[] = [];
  readonly running = new Map<number, { complete: () => void; error: (error: Error) => void }>();
  private readonly subscriptions: Subscription[] = [];
  private readonly gone = new Set<number>();

  constructor(private readonly gate: Gate) {}

  add(source?: Observable<never>): void {
    const id = this.subscriptions.length;
    const job = new Observable<never>((subscriber) => {
      this.started.push(id);
      if (source) {
        return source.subscribe(subscriber);
      }
      this.running.set(id, subscriber);
      return () => this.running.delete(id);
    });
    this.subscriptions.push(this.gate.run(job).subscribe({ error: () => undefined }));
  }

  leave(which: number): void {
    const id = which % Math.max(1, this.subscriptions.length);
    this.gone.add(id);
    this.subscriptions[id]?.unsubscribe();
  }

  /** One of those that run. */
  pick(which: number) {
    return [...this.running.values()][which % Math.max(1, this.running.size)];
  }

  get waiting(): number {
    return this.subscriptions.filter((_, id) => !this.started.includes(id) && !this.gone.has(id)).length;
  }
}

const actions: Readonly<Record<string, (jobs: Jobs, which: number) => void>> = {
  add: (jobs) => jobs.add(),
  'add one that ends at once': (jobs) => jobs.add(EMPTY),
  'add one that fails at once': (jobs) => jobs.add(throwError(() => new Error('failed'))),
  complete: (jobs, which) => jobs.pick(which)?.complete(),
  fail: (jobs, which) => jobs.pick(which)?.error(new Error('failed')),
  leave: (jobs, which) => jobs.leave(which),
};

it('lets no more through than its limit, in order, and lets nobody wait without need, whatever happens', () => {
  const action = fc.tuple(fc.constantFrom(...Object.keys(actions)), fc.nat());
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.array(action, { maxLength: 60 }), (limit, steps) => {
      const jobs = new Jobs(new Gate(limit));
      for (const [name, which] of steps) {
        actions[name]?.(jobs, which);
        expect(jobs.running.size).toBeLessThanOrEqual(limit);
        expect(jobs.started).toEqual([...jobs.started].sort((a, b) => a - b));
        expect(jobs.waiting === 0 || jobs.running.size === limit).toBe(true);
      }
    })
  );
});

it('lets no more of a key through than that may run, and others overtake them', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('loki', 'prometheus'), fc.nat()), { maxLength: 40 }), (steps) => {
      const gate = new Gate(3, { limitByKey: { prometheus: 2 } });
      const running: Array<{ key: string; end: () => void }> = [];
      const waiting = { loki: 0, prometheus: 0 };
      for (const [step, [key, which]] of steps.entries()) {
        if (step % 3 === 2) {
          running[which % Math.max(1, running.length)]?.end();
        } else {
          const kind = key as keyof typeof waiting;
          waiting[kind] += 1;
          gate
            .run(
              new Observable<never>((subscriber) => {
                waiting[kind] -= 1;
                const own = { key, end: () => subscriber.complete() };
                running.push(own);
                return () => running.splice(running.indexOf(own), 1);
              }),
              key
            )
            .subscribe();
        }
        const ofPrometheus = running.filter((own) => own.key === 'prometheus').length;
        expect(running.length).toBeLessThanOrEqual(3);
        expect(ofPrometheus).toBeLessThanOrEqual(2);
        expect(waiting.loki === 0 || running.length === 3).toBe(true);
        expect(waiting.prometheus === 0 || ofPrometheus === 2 || running.length === 3).toBe(true);
      }
    })
  );
});

it('frees its place after an error, and passes the error on', () => {
  const gate = new Gate(1);
  const errors: unknown[] = [];
  gate.run(throwError(() => 'one')).subscribe({ error: (error) => errors.push(error) });
  const values: number[] = [];
  gate.run(of(7)).subscribe((value) => values.push(value));
  expect([errors, values]).toEqual([['one'], [7]]);
});

it('frees nothing when one who waits goes away', () => {
  const gate = new Gate(1);
  gate.run(NEVER).subscribe();
  gate.run(NEVER).subscribe().unsubscribe();
  const started = jest.fn();
  gate.run(new Observable<never>(started)).subscribe();
  expect(started).not.toHaveBeenCalled();
});

describe('an upstream that is held', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('goes on also where its time ends while the gate looks at the clock', () => {
    let now = 0;
    // Each look is later than the one before.
    const gate = new Gate(1, { now: () => (now += 0.6) });
    const started = jest.fn();
    gate.hold(1);
    gate.run(new Observable<never>(started)).subscribe();
    expect(started).not.toHaveBeenCalled();
    jest.advanceTimersByTime(10);
    expect(started).toHaveBeenCalledTimes(1);
  });

  it('does not hold others up, and goes on when its time is over', () => {
    let now = 0;
    const gate = new Gate(2, { now: () => now });
    const started: string[] = [];
    const start = (key: string) =>
      gate
        .run(
          new Observable<never>((subscriber) => {
            started.push(key);
            subscriber.complete();
          }),
          key
        )
        .subscribe();
    gate.hold(1000, 'prometheus');
    gate.hold(3000, 'other');
    ['other', 'prometheus', 'loki', 'prometheus', 'loki'].forEach(start);
    expect(started).toEqual(['loki', 'loki']);
    now = 1000;
    jest.advanceTimersByTime(1000);
    expect(started).toEqual(['loki', 'loki', 'prometheus', 'prometheus']);
    now = 3000;
    jest.advanceTimersByTime(2000);
    expect(started).toHaveLength(5);
  });
});
