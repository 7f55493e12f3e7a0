import fc from 'fast-check';

import { cellMs } from '../../expr/promqlCpu';
import { cellPlan } from './podless';

/** Share of each cell that a plan counts, by the end of the cell. */
function sharesOf({ whole, cut }: ReturnType<typeof cellPlan>): Map<number, number> {
  const shares = new Map<number, number>();
  for (let end = whole.start + cellMs; end <= whole.end; end += cellMs) {
    shares.set(end, 1);
  }
  cut.forEach(({ end, share }) => shares.set(end, (shares.get(end) ?? 0) + share));
  return shares;
}

it('counts every cell once over adjacent windows', () => {
  const time = fc.integer({ min: 0, max: 20 * cellMs });
  fc.assert(
    fc.property(time, time, time, (...times) => {
      const [a = 0, b = 0, c = 0] = times.sort((one, other) => one - other);
      const whole = sharesOf(cellPlan({ start: a, end: c }));
      const left = sharesOf(cellPlan({ start: a, end: b }));
      const right = sharesOf(cellPlan({ start: b, end: c }));
      for (const end of new Set([...whole.keys(), ...left.keys(), ...right.keys()])) {
        expect((left.get(end) ?? 0) + (right.get(end) ?? 0)).toBeCloseTo(whole.get(end) ?? 0, 9);
      }
    })
  );
});

it('takes whole cells as a whole', () => {
  expect(cellPlan({ start: cellMs, end: 97 * cellMs })).toEqual({
    whole: { start: cellMs, end: 97 * cellMs },
    cut: [],
  });
});
