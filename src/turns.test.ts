import { lastValueFrom } from 'rxjs';

import { Turns } from './turns';

const task = () => new Promise((resolve) => setTimeout(resolve, 0));

it('does each piece of work in a task of its own, in order', async () => {
  const turns = new Turns();
  const done: number[] = [];
  const results = [1, 2, 3].map((number) => lastValueFrom(turns.run(() => done.push(number))));
  expect(done).toEqual([]);
  await task();
  expect(done.length).toBeLessThan(3);
  expect(await Promise.all(results)).toEqual([1, 2, 3]);
  expect(done).toEqual([1, 2, 3]);
});

it('leaves out what nobody waits for, and goes on after work that fails', async () => {
  const turns = new Turns();
  const left = jest.fn();
  turns.run(left).subscribe().unsubscribe();
  const failing = lastValueFrom(
    turns.run(() => {
      throw new RangeError('no');
    })
  );
  const next = lastValueFrom(turns.run(() => 'next'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('next');
  expect(left).not.toHaveBeenCalled();
});
