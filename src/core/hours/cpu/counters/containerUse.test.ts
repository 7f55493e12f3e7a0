import fc from 'fast-check';

import { type Container, type CounterSeries, type Samples } from './containers';
import { type Bounds, countedIn, countedInAll, expectedTail, hasUnknownTwins, lastAt } from './containerUse';

/** Twins of one counter. */
const twinsOf = (twins: readonly Samples[]): CounterSeries[] => twins.map((samples) => ({ cgroup: 'c', samples }));

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
    expect(expectedTail([samples], time)).toBe(half);
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
  expect(expectedTail([short, long], 20 * minute)).toBe(3);
  expect(expectedTail([short, [[19 * minute, 60]]], 20 * minute)).toBe(0);
  // A twin of one sample is not a container of one sample.
  expect(expectedTail([short, [[2 * minute, 16]]], 20 * minute)).toBe(1.5);
});

it('sums the last values of a pod, and tells the time of the latest', () => {
  const first: Samples = [
    [1, 5],
    [3, 6],
    [9, 50],
  ];
  const containers: Container[] = [
    {
      names: ['a'],
      series: [
        { cgroup: '1', samples: first },
        { cgroup: '2', samples: [[2, 10]] },
        { cgroup: '2', samples: [[3, 12]] },
      ],
    },
    { names: ['b'], series: [{ samples: [[8, 1]] }] },
    // Of three kinds of counters one repeats the other.
    {
      names: ['c'],
      series: [
        { cgroup: '3', samples: [[1, 60]] },
        { cgroup: '4', samples: [[1, 40]] },
        { name: 'n', samples: [[1, 90]] },
        { samples: [[1, 80]] },
      ],
    },
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
          bounds.reduce(
            (total, [from, to]) => total + countedIn(twinsOf(twins), { from, to, maxAtFirst: 0 }).seconds,
            0
          );
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
  const bounds: Bounds = { from: 0, to: 30, maxAtFirst: 100 };
  expect(countedIn(twinsOf([samples]), bounds)).toEqual({ seconds, hasHistory });
});

it.each([
  [9, 40, false],
  [10, 30, true],
])(
  'leaves out what a counter shows that is first seen by a time at which it may be old: %s',
  (oldUntil, seconds, hasHistory) => {
    const samples: Samples = [
      [10, 10],
      [20, 40],
    ];
    const bounds: Bounds = { from: 0, to: 30, maxAtFirst: 100, oldUntil };
    expect(countedIn(twinsOf([samples]), bounds)).toEqual({ seconds, hasHistory });
  }
);

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
  expect(countedIn(twinsOf(twins), { from: 2, to: 40, maxAtFirst: 100 }).seconds).toBe(5010 - 1010 + 30);
});

it('finds counters of one container that run together', () => {
  const of = (...counters: Samples[]): Container[] => [
    { names: ['a'], series: counters.map((samples, index) => ({ cgroup: `${index}`, samples })) },
  ];
  const samples = (...times: number[]): Samples => times.map((at) => [at, at]);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(5, 15, 25)))).toBe(true);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(20, 30)))).toBe(false);
  expect(hasUnknownTwins(of(samples(0, 10, 20), samples(30, 40)))).toBe(false);
});

describe('counters of one container that bear different labels', () => {
  /** A sample a minute, 1 CPU second each. */
  const each = (from: number, to: number, first = 0): Samples =>
    Array.from({ length: to - from + 1 }, (_, index) => [(from + index) * minute, first + index] as const);
  const bounds: Bounds = { from: 0, to: 200 * minute, maxAtFirst: 5 };
  const inPod = (...containers: Array<[string, CounterSeries[]]>) =>
    containers.map(([name, series]): Container => ({ names: [name], series }));

  it.each([
    ['ends, another one goes on', [{ cgroup: 'x', samples: each(1, 50) }, { samples: each(1, 120) }], 119],
    ['begins, another one was there', [{ samples: each(1, 120) }, { cgroup: 'x', samples: each(60, 120, 59) }], 119],
    ['follows another one', [{ samples: each(1, 60) }, { cgroup: 'x', samples: each(61, 120, 60) }], 119],
    ['is followed by another one', [{ cgroup: 'x', samples: each(1, 60) }, { samples: each(61, 120, 60) }], 119],
    ['is followed by the next run', [{ cgroup: 'x', samples: each(1, 60) }, { samples: each(62, 120, 1) }], 59 + 59],
    ['follows the former run', [{ samples: each(1, 60) }, { cgroup: 'x', samples: each(62, 120, 1) }], 59 + 59],
    ['differs by its name only', [{ name: 'n', samples: each(1, 120) }, { samples: each(1, 120) }], 119],
    [
      'tells of a restart that the other one saw later, and ends',
      [
        { cgroup: 'x', samples: each(1, 59) },
        { cgroup: 'y', samples: each(61, 80) },
        { samples: [...each(1, 60), ...each(62, 120, 1)] },
      ],
      59 + 59,
    ],
    [
      'tells of a restart that the other one saw before',
      [
        { cgroup: 'x', samples: each(1, 59) },
        { cgroup: 'y', samples: each(63, 80, 2) },
        { samples: [...each(1, 59), ...each(61, 120)] },
      ],
      58 + 59,
    ],
    [
      'shows each restart under a new name, beside others with a new cgroup',
      [
        { cgroup: 'x', samples: each(1, 59) },
        { cgroup: 'y', samples: each(61, 120) },
        { name: 'x', samples: each(1, 59) },
        { name: 'y', samples: each(61, 120) },
      ],
      58 + 59,
    ],
    [
      'falls for once, which another one knows for no restart',
      [{ cgroup: 'x', samples: each(1, 120) }, { samples: [...each(1, 60), ...each(61, 120, 58)] }],
      119,
    ],
  ] as Array<[string, CounterSeries[], number]>)('count once where one of them %s', (_, series, seconds) => {
    const inMinutes = (from: number, to: number) =>
      countedInAll(inPod(['a', series]), { ...bounds, from: from * minute, to: to * minute }).seconds;
    expect(inMinutes(0, 200)).toBe(seconds);
    expect(inMinutes(0, 40) + inMinutes(40, 90) + inMinutes(90, 200)).toBe(seconds);
  });

  it('count once where one cgroup bears two names of containers', () => {
    const twins = inPod(
      ['a', [{ cgroup: 'x', samples: each(1, 60) }]],
      ['k8s_a', [{ cgroup: 'x', samples: each(1, 60) }]]
    );
    expect(countedInAll(twins, bounds).seconds).toBe(59);
    expect(hasUnknownTwins(twins)).toBe(false);
  });

  it('are added up, and known for it, where nothing tells that two containers are one', () => {
    const twins = inPod(['a', [{ cgroup: 'x', samples: each(1, 60) }]], ['k8s_a', [{ samples: each(1, 60) }]]);
    expect(hasUnknownTwins(twins)).toBe(true);
    const repeated = { cgroup: 'y', samples: each(1, 60) };
    const two = inPod(['a', [{ cgroup: 'x', samples: each(1, 60) }, { samples: each(1, 60) }]], ['b', [repeated]]);
    expect(hasUnknownTwins(two)).toBe(false);
  });

  it('leave out the history of a container that first appears beside one that was there', () => {
    const pod = inPod(
      ['a', [{ cgroup: 'x', samples: each(-10, 100) }]],
      ['b', [{ cgroup: 'y', samples: each(30, 100, 600_000) }]]
    );
    expect(countedInAll(pod, bounds)).toEqual({ seconds: 100 + 70, hasHistory: true });
  });
});
