import fc from 'fast-check';

import { type Bounds, countedIn, halfAt, hasUnknownTwins, lastAt } from './containerUse';
import { type Samples } from './counters';

const minute = 60_000;

it.each([
  [
    'is half of the last increment',
    [
      [0, 10],
      [2 * minute, 16],
    ],
    12 * minute,
    3,
  ],
  [
    'is nothing while a sample is younger than ten minutes',
    [
      [0, 10],
      [2 * minute, 16],
    ],
    12 * minute - 1,
    0,
  ],
  ['is the only sample once more', [[0, 10]], 10 * minute, 10],
  [
    'is nothing after a reset',
    [
      [0, 10],
      [minute, 4],
    ],
    20 * minute,
    0,
  ],
  [
    'looks at no sample after the time',
    [
      [0, 10],
      [minute, 16],
      [30 * minute, 99],
    ],
    20 * minute,
    3,
  ],
  ['is nothing without a sample', [[30 * minute, 99]], 20 * minute, 0],
] as Array<[string, Array<[number, number]>, number, number]>)(
  'what an ended container used at the end %s',
  (_, samples, time, half) => {
    expect(halfAt([samples], time)).toBe(half);
  }
);

it('takes twins for one counter: the one that saw more tells its end', () => {
  const short: Samples = [
    [0, 10],
    [minute, 13],
  ];
  const long: Samples = [
    [30_000, 11],
    [2.5 * minute, 17],
  ];
  expect(halfAt([short, long], 20 * minute)).toBe(3);
  expect(halfAt([short, [[19 * minute, 60]]], 20 * minute)).toBe(0);
  // A twin of one sample is not a container of one sample.
  expect(halfAt([short, [[2 * minute, 16]]], 20 * minute)).toBe(1.5);
});

it('sums the last values of a pod, and tells the time of the latest', () => {
  const containers = [
    {
      name: 'a',
      known: [
        [
          [
            [1, 5],
            [3, 6],
            [9, 50],
          ],
        ],
        [[[2, 10]], [[3, 12]]],
      ] as const,
      others: [],
    },
    { name: 'b', known: [[[[8, 1]]]] as const, others: [] },
    // Of two kinds of counters one repeats the other.
    { name: 'c', known: [[[[1, 100]]]] as const, others: [[[[1, 90]]]] as const },
  ];
  expect(lastAt(containers, 4)).toEqual({ value: 118, at: 3 });
  expect(lastAt(containers, 0)).toBeUndefined();
});

it('counts what a counter counted, with its resets, whatever windows it is cut into and however many twins have which gaps', () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { minLength: 2, maxLength: 40 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 0, max: 40 }),
      fc.array(fc.boolean(), { maxLength: 40 }),
      (increments, cut, gaps) => {
        let value = 5;
        let counted = 0;
        const samples: Array<readonly [number, number]> = [[0, value]];
        increments.forEach(([increment, isReset], index) => {
          // A reset shows only where the new value is below the old one.
          const next = isReset && 3 * increment < value ? increment : value + increment;
          counted += next < value ? next : next - value;
          value = next;
          samples.push([10 * (index + 1), value]);
        });
        const end = 10 * increments.length;
        const later = samples
          .map(([at, shown]) => [at + 1, shown] as const)
          .filter((_, index) => gaps[index] === false);
        const middle = 10 * Math.min(cut, increments.length) + 5;
        const sum = (twins: readonly Samples[], ...bounds: Array<[number, number]>) =>
          bounds.reduce((total, [from, to]) => total + countedIn(twins, { from, to, mostAtFirst: 0 }).seconds, 0);
        expect(sum([samples], [0, end])).toBe(counted);
        expect(sum([samples], [0, middle], [middle, end + 5])).toBe(counted);
        expect(sum([samples, samples], [0, end])).toBe(counted);
        expect(sum([samples, later], [0, middle], [middle, end + 5])).toBe(counted);
      }
    )
  );
});

it.each([
  ['of a new counter', [[10, 90]], 90, false],
  [
    'without what an old one showed at first, also when it was reset later',
    [
      [10, 5000],
      [20, 5010],
      [30, 4],
    ],
    14,
    true,
  ],
  [
    'without what it showed before',
    [
      [0, 5000],
      [20, 5010],
      [30, 4],
    ],
    14,
    false,
  ],
] as Array<[string, Samples, number, boolean]>)('counts %s', (_, samples, seconds, hasHistory) => {
  const bounds: Bounds = { from: 0, to: 30, mostAtFirst: 100 };
  expect(countedIn([samples], bounds)).toEqual({ seconds, hasHistory });
});

it('is not misled by a twin whose last sample was before a reset', () => {
  const twins: Samples[] = [
    [
      [0, 1000],
      [10, 5000],
    ],
    [
      [1, 1010],
      [11, 5010],
      [21, 20],
      [31, 30],
    ],
  ];
  expect(countedIn(twins, { from: 2, to: 40, mostAtFirst: 100 }).seconds).toBe(5010 - 1010 + 30);
});

it('finds counters of one container that run together', () => {
  const of = (...counters: Samples[]) => [{ name: 'a', known: counters.map((one) => [one]), others: [] }];
  const samples = (...times: number[]): Samples => times.map((at) => [at, at]);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(5, 15, 25)))).toBe(true);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(20, 30)))).toBe(false);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(30, 40)))).toBe(false);
});
