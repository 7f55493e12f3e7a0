import fc from 'fast-check';

import { createParameters } from './parameters';
import { apportion, busyness, hourWeights } from './rhythm';

it('gives out exactly the total, in whole numbers', () => {
  fc.assert(
    fc.property(
      fc.nat(100_000),
      fc.array(fc.double({ min: 0.01, max: 100, noNaN: true }), { minLength: 1 }),
      (total, weights) => {
        const shares = apportion(total, weights);
        expect(shares.reduce((left, right) => left + right, 0)).toBe(total);
        expect(shares.every((share) => Number.isInteger(share) && share >= 0)).toBe(true);
      }
    )
  );
});

it('is busier on a working morning than at night and at the weekend', () => {
  const morning = busyness(Date.parse('2026-06-16T10:00:00Z'));
  expect(morning).toBeGreaterThan(2 * busyness(Date.parse('2026-06-16T03:00:00Z')));
  expect(morning).toBeGreaterThan(2 * busyness(Date.parse('2026-06-14T10:00:00Z')));
});

it('has one weight for every hour', () => {
  const weights = hourWeights(createParameters({ days: 3 }));
  expect(weights).toHaveLength(72);
  expect(weights.every((weight) => weight > 0)).toBe(true);
});
