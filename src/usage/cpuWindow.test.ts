import fc from 'fast-check';

import { correctionOf, lostByResets } from './cpuWindow';

it('counts what a counter lost by resets, whatever windows it is cut into', () => {
  const increments = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(increments, fc.integer({ min: 0, max: 40 }), (steps, cut) => {
      let value = 5;
      let counted = 0;
      const samples: Array<[number, number]> = [[0, value]];
      steps.forEach(([increment, isReset], index) => {
        // A reset shows only where the new value is below the old one.
        const next = isReset && increment < value ? increment : value + increment;
        counted += next < value ? next : next - value;
        value = next;
        samples.push([index + 1, value]);
      });
      const end = steps.length;
      const lost = lostByResets(samples, 0, end);
      expect(value - 5 + lost).toBe(counted);
      const middle = Math.min(cut, end);
      expect(lostByResets(samples, 0, middle) + lostByResets(samples, middle, end)).toBe(lost);
    })
  );
});

it('takes off what a counter showed at first, also when it was reset later', () => {
  const samples: Array<[number, number]> = [
    [10, 5000],
    [20, 5010],
    [30, 4],
  ];
  // It counted 10 before the reset and 4 after it.
  expect(4 + correctionOf(samples, { from: 0, to: 30, mostAtFirst: 100 })).toBe(14);
  expect(4 - 5000 + correctionOf(samples, { from: 10, to: 30, mostAtFirst: 100 })).toBe(14);
  expect(correctionOf([[10, 90]], { from: 0, to: 30, mostAtFirst: 100 })).toBe(0);
});
