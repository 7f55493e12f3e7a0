import { halfAt, lastAt } from './containerUse';

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
    expect(halfAt(samples, time)).toBe(half);
  }
);

it('sums the last values of a pod, and tells the time of the latest', () => {
  const counters: Array<Array<[number, number]>> = [
    [
      [1, 5],
      [3, 6],
      [9, 50],
    ],
    [[2, 10]],
    [[8, 1]],
  ];
  expect(lastAt(counters, 4)).toEqual({ value: 16, at: 3 });
  expect(lastAt(counters, 0)).toBeUndefined();
});
