import fc from 'fast-check';

import { percentages } from './shares';

it('sums to exactly 100.0 and is off by less than a tenth', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 1_000_000 }), { minLength: 1, maxLength: 50 }), (counts) => {
      const whole = counts.reduce((sum, count) => sum + count, 0);
      const shares = percentages(counts);
      expect(shares).toHaveLength(counts.length);
      const tenths = shares.map((share) => Math.round(share * 10));
      expect(tenths.reduce((sum, tenth) => sum + tenth, 0)).toBe(whole === 0 ? 0 : 1000);
      counts.forEach((count, index) => {
        expect(Math.abs((tenths[index] as number) - (whole === 0 ? 0 : (count * 1000) / whole))).toBeLessThan(1);
      });
    })
  );
});

it('gives what is left to the largest remainders', () => {
  expect(percentages([1, 1, 1])).toEqual([33.4, 33.3, 33.3]);
  expect(percentages([2, 1])).toEqual([66.7, 33.3]);
  expect(percentages([0, 0])).toEqual([0, 0]);
  expect(percentages([])).toEqual([]);
});
