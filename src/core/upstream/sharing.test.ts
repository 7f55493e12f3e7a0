import { lastValueFrom, NEVER, Observable, of, Subject, throwError } from 'rxjs';

import { sharedForMs, Sharing } from './sharing';

function counting<T>(answer: () => Observable<T>) {
  const counts = { asked: 0, active: 0 };
  const ask = () =>
    new Observable<T>((subscriber) => {
      counts.asked += 1;
      counts.active += 1;
      const inner = answer().subscribe(subscriber);
      return () => {
        counts.active -= 1;
        inner.unsubscribe();
      };
    });
  return { counts, ask };
}

it('asks once for all who ask the same at a time, and gives each the answer', () => {
  const sharing = new Sharing<number>(() => 0);
  const source = new Subject<number>();
  const { counts, ask } = counting(() => source);
  const seen: number[] = [];
  sharing.get('a', ask).subscribe((value) => seen.push(value));
  sharing.get('a', ask).subscribe((value) => seen.push(value));
  source.next(7);
  source.complete();
  expect(seen).toEqual([7, 7]);
  expect(counts).toEqual({ asked: 1, active: 0 });
});

it('keeps different questions apart', async () => {
  const sharing = new Sharing<number>(() => 0);
  expect(await lastValueFrom(sharing.get('a', () => of(1)))).toBe(1);
  expect(await lastValueFrom(sharing.get('b', () => of(2)))).toBe(2);
});

it('asks again when the answer has grown old', async () => {
  let now = 0;
  const sharing = new Sharing<number>(() => now);
  await lastValueFrom(sharing.get('a', () => of(1)));
  now = sharedForMs;
  expect(await lastValueFrom(sharing.get('a', () => of(2)))).toBe(1);
  now = sharedForMs + 1;
  expect(await lastValueFrom(sharing.get('a', () => of(2)))).toBe(2);
});

it('asks again when the clock was set back', async () => {
  let now = 1e6;
  const sharing = new Sharing<number>(() => now);
  await lastValueFrom(sharing.get('a', () => of(1)));
  now = 0;
  expect(await lastValueFrom(sharing.get('a', () => of(2)))).toBe(2);
});

it('keeps no failure', async () => {
  const sharing = new Sharing<number>(() => 0);
  await expect(lastValueFrom(sharing.get('a', () => throwError(() => new Error('down'))))).rejects.toThrow('down');
  expect(await lastValueFrom(sharing.get('a', () => of(1)))).toBe(1);
});

it('cancels what is under way when the last one has gone, and asks afresh for the next', () => {
  const sharing = new Sharing<number>(() => 0);
  const { counts, ask } = counting<number>(() => NEVER);
  const [one, other] = [sharing.get('a', ask).subscribe(), sharing.get('a', ask).subscribe()];
  one.unsubscribe();
  expect(counts.active).toBe(1);
  other.unsubscribe();
  expect(counts.active).toBe(0);
  sharing.get('a', ask).subscribe().unsubscribe();
  expect(counts).toEqual({ asked: 2, active: 0 });
});
