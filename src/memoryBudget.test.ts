import fc from 'fast-check';

import { MemoryBudget } from './memoryBudget';
import { WindowStore } from './usage/windowStore';

it('keeps all stores together within the budget, and takes from the largest one', () => {
  const budget = new MemoryBudget(10_000);
  const large = new WindowStore<{ size: number }>(1000, budget);
  const small = new WindowStore<{ size: number }>(1000, budget);
  for (let index = 0; index < 80; index += 1) {
    large.set(String(index), { size: 1 });
  }
  for (let index = 0; index < 30; index += 1) {
    small.set(String(index), { size: 1 });
  }
  expect(large.bytes + small.bytes).toBeLessThanOrEqual(10_000);
  expect(small.bytes).toBe(3000);
  expect(large.get('0')).toBeUndefined();
  expect(large.get('79')).toBeDefined();
});

it('is never exceeded, whatever is kept', () => {
  const sets = fc.array(fc.tuple(fc.nat(2), fc.nat(20), fc.integer({ min: 1, max: 30 })), { maxLength: 80 });
  fc.assert(
    fc.property(sets, (steps) => {
      const budget = new MemoryBudget(5000);
      const stores = [0, 1, 2].map(() => new WindowStore<{ size: number }>(100, budget));
      for (const [which, key, size] of steps) {
        stores[which]?.set(String(key), { size });
        expect(stores.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(5000);
      }
    })
  );
});
