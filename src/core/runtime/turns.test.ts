import { lastValueFrom } from 'rxjs';

import { Turns, type Work } from './turns';

const task = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Work without an interruption. */
function* atOnce<T>(work: () => T): Work<T> {
  return work();
}

/** In ms; only work takes time. */
let clock = 0;
beforeEach(() => {
  jest.spyOn(performance, 'now').mockImplementation(() => clock);
});
afterEach(() => {
  jest.restoreAllMocks();
});

/** Work of so many milliseconds. */
function busyFor(ms: number): void {
  clock += ms;
}

it('does pieces of work in order, later, and few long ones in one task', async () => {
  const turns = new Turns();
  const done: number[] = [];
  const results = [1, 2, 3].map((number) =>
    lastValueFrom(
      turns.run(() =>
        atOnce(() => {
          busyFor(number === 1 ? 0 : 12);
          return done.push(number);
        })
      )
    )
  );
  expect(done).toEqual([]);
  await task();
  expect(done).toEqual([1, 2]);
  expect(await Promise.all(results)).toEqual([1, 2, 3]);
  expect(done).toEqual([1, 2, 3]);
});

it('lets others have the thread in the midst of long work, and ends it before the next one', async () => {
  const turns = new Turns();
  const happened: string[] = [];
  function* long(): Work<string> {
    for (let step = 0; step < 3; step += 1) {
      busyFor(12);
      happened.push('step');
      yield;
    }
    return 'long';
  }
  const results = [lastValueFrom(turns.run(long)), lastValueFrom(turns.run(() => atOnce(() => happened.push('next'))))];
  setTimeout(() => happened.push('page'), 0);
  expect(await Promise.all(results)).toEqual(['long', 5]);
  expect(happened.filter((what) => what !== 'page')).toEqual(['step', 'step', 'step', 'next']);
  expect(happened.indexOf('page')).toBeLessThan(3);
});

it('leaves out what nobody waits for, and goes on after work that fails', async () => {
  const turns = new Turns();
  const left = jest.fn();
  turns
    .run(() => atOnce(left))
    .subscribe()
    .unsubscribe();
  const failing = lastValueFrom(
    turns.run(() =>
      atOnce(() => {
        throw new RangeError('no');
      })
    )
  );
  const next = lastValueFrom(turns.run(() => atOnce(() => 'next')));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(left).not.toHaveBeenCalled();
});
