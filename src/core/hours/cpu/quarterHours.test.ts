import fc from 'fast-check';

import { quarterHourMs } from '../../expr/promqlCpu';
import { quarterPlan, secondsOfQuarters } from './quarterHours';

/** Share of each quarter that a plan counts, by the end of the quarter. */
function sharesOf({ whole, cut }: ReturnType<typeof quarterPlan>): Map<number, number> {
  const shares = new Map<number, number>();
  for (let end = whole.start + quarterHourMs; end <= whole.end; end += quarterHourMs) {
    shares.set(end, 1);
  }
  cut.forEach(({ end, share }) => shares.set(end, (shares.get(end) ?? 0) + share));
  return shares;
}

it('counts every quarter once over adjacent windows', () => {
  const time = fc.integer({ min: 0, max: 20 * quarterHourMs });
  fc.assert(
    fc.property(time, time, time, (...times) => {
      const [a = 0, b = 0, c = 0] = times.sort((one, other) => one - other);
      const whole = sharesOf(quarterPlan({ start: a, end: c }));
      const left = sharesOf(quarterPlan({ start: a, end: b }));
      const right = sharesOf(quarterPlan({ start: b, end: c }));
      for (const end of new Set([...whole.keys(), ...left.keys(), ...right.keys()])) {
        expect((left.get(end) ?? 0) + (right.get(end) ?? 0)).toBeCloseTo(whole.get(end) ?? 0, 9);
      }
    })
  );
});

it('takes whole quarters as a whole', () => {
  expect(quarterPlan({ start: quarterHourMs, end: 97 * quarterHourMs })).toEqual({
    whole: { start: quarterHourMs, end: 97 * quarterHourMs },
    cut: [],
  });
});

it('sums what is used in quarter hours by their shares', () => {
  const quarters = [
    { seconds: new Map([['a', 10]]), share: 0.5 },
    { seconds: new Map(Object.entries({ a: 1, b: 2 })), share: 1 },
  ];
  expect(Object.fromEntries(secondsOfQuarters(quarters))).toEqual({ a: 6, b: 2 });
});
