import fc from 'fast-check';
import { defer, lastValueFrom, map, NEVER, Observable, of, tap, throwError, timer, toArray } from 'rxjs';

import { runTasks } from './taskQueue';

/** Gives tasks in their order, and counts how many of them run. */
function counted<T>(tasks: ReadonlyArray<Observable<T>>) {
  const left = [...tasks];
  const state = { active: 0, mostActive: 0 };
  const next = (): Observable<T> | undefined => {
    const task = left.shift();
    const end = () => (state.active -= 1);
    return (
      task &&
      defer(() => {
        state.active += 1;
        state.mostActive = Math.max(state.mostActive, state.active);
        return task.pipe(tap({ complete: end, error: end, unsubscribe: end }));
      })
    );
  };
  return { state, next, left };
}

it('passes on everything once and in order, and runs as many at once as it may, whether tasks end at once or later', async () => {
  const delays = fc.array(fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(delays, fc.integer({ min: 1, max: 4 }), async (list, ahead) => {
      const tasks = list.map((delay, index) => (delay === undefined ? of(index) : timer(delay).pipe(map(() => index))));
      const { state, next } = counted(tasks);
      const seen = await lastValueFrom(runTasks(next, () => ahead).pipe(toArray()));
      expect(seen).toEqual(list.map((_, index) => index));
      expect(state.mostActive).toBeLessThanOrEqual(ahead);
      expect(state.active).toBe(0);
    }),
    { numRuns: 50 }
  );
});

it('asks again for a task when another one has ended, which may have made it', async () => {
  const made: Array<Observable<string>> = [];
  const first = new Observable<string>((subscriber) => {
    setTimeout(() => {
      made.push(of('second'));
      subscriber.next('first');
      subscriber.complete();
    }, 0);
  });
  made.push(first);
  expect(
    await lastValueFrom(
      runTasks(
        () => made.shift(),
        () => 3
      ).pipe(toArray())
    )
  ).toEqual(['first', 'second']);
});

it('makes each task with what the same ones before it taught, however long they take', async () => {
  const delays = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 12, maxLength: 12 });
  const taughtBefore = async (list: readonly number[], ahead: number) => {
    let taught = 0;
    const before: number[] = [];
    const next = () => {
      const own = before.length;
      if (own >= list.length) {
        return undefined;
      }
      before.push(taught);
      return timer(list[own] ?? 0).pipe(map(() => own));
    };
    const tasks = runTasks(next, () => (taught === 0 ? 1 : ahead)).pipe(tap(() => (taught += 1)));
    await lastValueFrom(tasks);
    return before;
  };
  await fc.assert(
    fc.asyncProperty(delays, fc.integer({ min: 1, max: 3 }), async (list, ahead) => {
      expect(await taughtBefore(list, ahead)).toEqual(
        await taughtBefore(
          list.map(() => 0),
          ahead
        )
      );
    }),
    { numRuns: 25 }
  );
});

it('ends what runs when nobody listens any more, and starts nothing else', () => {
  const { state, next, left } = counted([NEVER, NEVER, NEVER]);
  const subscription = runTasks(next, () => 2).subscribe();
  expect(state.active).toBe(2);
  subscription.unsubscribe();
  expect(state.active).toBe(0);
  expect(left).toHaveLength(1);
});

it('errors as a task does, and ends the others', async () => {
  const { state, next } = counted([NEVER, throwError(() => new Error('failed')), NEVER]);
  await expect(lastValueFrom(runTasks(next, () => 3))).rejects.toThrow('failed');
  expect(state.active).toBe(0);
});
