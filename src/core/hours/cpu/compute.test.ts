import fc from 'fast-check';

import { type EnginePod, podFacts } from '../../../testing/podEngine';
import { hourMs, minuteMs } from '../../domain/duration';
import { completionsIn, noCompletions } from './completedPods';
import { computeWindows } from './compute';
import { type CpuFacts } from './facts';
import { cpuWarnings } from './notes';
import { type CpuWindowView } from './window';

const start = Date.parse('2026-10-05T10:00:00Z');
const name = 'a-6b9ddddbd7-cm6c9';
const at = (minute: number, value: number): [number, number] => [start + minute * minuteMs, value];

/** Equal windows from `start` on. */
interface Cut {
  windowMs?: number;
  count?: number;
}

/** What is known of pods in windows, with the completed pods of each window for those of its day. */
function factsOf(pods: readonly EnginePod[], { windowMs = hourMs, count = 1 }: Cut = {}): CpuFacts {
  const run = { first: { start, end: start + windowMs }, lengthMs: windowMs, count };
  const facts = podFacts(pods, run);
  const completions = completionsIn(facts);
  return { pods: facts, podless: [], completions, days: completions };
}

const secondsIn = ({ hours }: CpuWindowView) => 3600 * [...hours.values()].reduce((sum, value) => sum + value, 0);
const secondsOf = (pods: readonly EnginePod[], cut?: Cut) => computeWindows(factsOf(pods, cut)).map(secondsIn);

it('counts what counters show at the end of a window more than at its start', () => {
  const facts = factsOf([{ name, containers: [[at(-1, 100), at(59, 160)], [at(55, 7)]] }]);
  expect([...(computeWindows(facts)[0]?.hours ?? [])]).toEqual([['a', 67 / 3600]]);
});

it('adds half of the last increment of a container that ended, whatever the others of its pod do', () => {
  const alive = [at(1, 1), at(59, 50)];
  expect(secondsOf([{ name, containers: [alive, [at(10, 20), at(12, 26)]] }])).toEqual([expect.closeTo(79, 9)]);
});

it('leaves the end of a completed pod to its lifetime, in the window in which that is known', () => {
  const pod = { name, containers: [[at(10, 20), at(12, 26)]], started: start, completed: start + 13 * minuteMs };
  expect(secondsOf([pod])).toEqual([expect.closeTo(26 + 26 / 12, 9)]);
  // Known at 10:23 only.
  const { completions } = factsOf([pod], { windowMs: 20 * minuteMs, count: 3 });
  expect(completions.map(({ used }) => used.get('a'))).toEqual([undefined, 26, undefined]);
});

describe('completed pods without a sample', () => {
  const unsampled = { name, containers: [], started: start, completed: start + 90_000 };
  const facts = factsOf([unsampled]);
  const day = { ...noCompletions(), used: new Map([['a', 30]]), life: new Map([['a', 60]]) };

  it('use what others of their service used on the day', () => {
    const [window] = computeWindows({ ...facts, days: [day] });
    expect([...(window?.hours ?? [])]).toEqual([['a', expect.closeTo((90 * 0.5) / 3600, 12)]]);
    expect(window?.unsampled).toEqual({
      pods: 1,
      lifeHours: 90 / 3600,
      hours: expect.closeTo(45 / 3600, 12),
      unestimatedLifeHours: 0,
    });
  });

  it('are counted without an estimate where nothing is known of their service', () => {
    const [window] = computeWindows(facts);
    expect(window?.hours.size).toBe(0);
    expect(window?.unsampled).toEqual({ pods: 1, lifeHours: 0.025, hours: 0, unestimatedLifeHours: 0.025 });
  });
});

it('gives the hours of counters without a pod to the service that their label names', () => {
  const quarters = [
    { seconds: new Map(Object.entries({ 'nginx-dlp': 3600, 'no service!': 60 })), share: 0.5 },
    { seconds: new Map([['nginx-dlp', 100]]), share: 1 },
  ];
  const [window] = computeWindows({ ...factsOf([]), podless: [quarters] });
  expect(window?.hours.get('nginx')).toBeCloseTo(1900 / 3600, 12);
  expect(window?.hoursByScheme.get('service')).toBeCloseTo(1900 / 3600, 12);
  expect(window?.podlessHours).toBeCloseTo(30 / 3600, 12);
});

it('says of how many pods counters are not finite, and counts the others', () => {
  const other = { name: 'b-6b9ddddbd7-cm6c9', containers: [[at(-20, NaN), at(59, NaN)]] };
  const facts = factsOf([{ name, containers: [[at(20, 1), at(59, 9)]] }, other]);
  expect([...(computeWindows(facts)[0]?.hours ?? [])]).toEqual([['a', 9 / 3600]]);
  expect(cpuWarnings(facts)).toEqual(['1 pod has non-finite counter values']);
});

const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 90 })), {
  minLength: 1,
  maxLength: 12,
});
const life = fc.record({ begins: fc.integer({ min: -50, max: 100 }), steps, isCompleted: fc.boolean() });
const manyPods = fc.array(life, { minLength: 1, maxLength: 5 }).map((lives) =>
  lives.map(({ begins, steps: increments, isCompleted }, index): EnginePod => {
    let minute = begins;
    let value = 0;
    const samples = increments.map(([minutes, more]) => at((minute += minutes), (value += more)));
    const completed = start + (minute + 1) * minuteMs;
    return { name: `p${index}-6b9ddddbd7-cm6c9`, containers: [samples], ...(isCompleted && { completed }) };
  })
);

it('gives the same hours whatever a span of time is cut into', () => {
  fc.assert(
    fc.property(manyPods, (pods) => {
      const sum = (cut: Cut) => secondsOf(pods, cut).reduce((a, b) => a + b, 0);
      const whole = sum({ windowMs: 2 * hourMs, count: 1 });
      expect(sum({ windowMs: hourMs, count: 2 })).toBeCloseTo(whole, 6);
      expect(sum({ windowMs: 20 * minuteMs, count: 6 })).toBeCloseTo(whole, 6);
    }),
    { numRuns: 200 }
  );
});

it('gives the same hours each time, and changes none of the facts', () => {
  const contents = ({ pods, completions, days }: CpuFacts) => ({
    completions: completions.map((one) => Object.values(one).map((part: ReadonlyMap<string, number>) => [...part])),
    days: days.map((one) => Object.values(one).map((part: ReadonlyMap<string, number>) => [...part])),
    parts: pods.windows.map(({ end }) => [...pods.parts.until.at(end - 1), ...pods.parts.before.at(end - 1)]),
    windows: JSON.stringify(pods.windows),
  });
  fc.assert(
    fc.property(manyPods, (pods) => {
      const facts = factsOf(pods, { windowMs: 20 * minuteMs, count: 6 });
      const before = contents(facts);
      const first = computeWindows(facts);
      expect(computeWindows(facts)).toEqual(first);
      expect(contents(facts)).toEqual(before);
    }),
    { numRuns: 50 }
  );
});

describe('a counter that was reset', () => {
  const pod = { name, containers: [[at(-10, 4990), at(20, 5000), at(40, 10), at(58, 13)]] };

  it('counts what it showed before the reset and after it', () => {
    expect(secondsOf([pod])).toEqual([expect.closeTo(10 + 13, 9)]);
    expect(secondsOf([pod], { windowMs: 30 * minuteMs, count: 2 })).toEqual(
      [10, 13].map((value) => expect.closeTo(value, 9))
    );
  });

  it('is not mixed with the pod of the same name in another namespace', () => {
    const other = { name, namespace: 'n-2', containers: [[at(-10, 100), at(58, 160)]] };
    expect(secondsOf([pod, other])).toEqual([expect.closeTo(23 + 60, 9)]);
  });
});

it('takes off what a counter showed when it was first seen', () => {
  const [window] = computeWindows(factsOf([{ name, containers: [[at(20, 50_000), at(58, 50_060)]] }]));
  expect([...(window?.hours ?? [])]).toEqual([['a', expect.closeTo(60 / 3600, 9)]]);
  expect(window?.withHistory).toBe(1);
});

it('takes off what a container showed when it was first seen in a pod that is known', () => {
  const containers = [
    [at(-10, 100), at(58, 130)],
    [at(20, 50_000), at(58, 50_060)],
  ];
  const [window] = computeWindows(factsOf([{ name, containers }]));
  expect([...(window?.hours ?? [])]).toEqual([['a', expect.closeTo(90 / 3600, 9)]]);
  expect(window?.withHistory).toBe(1);
});

it.each([
  ['an old pod', 50_000, {}],
  ['one that used little, by its own samples', 100, {}],
  ['one that used little, by its start', 100, { started: start - 10 * hourMs }],
] as Array<[string, number, Partial<EnginePod>]>)(
  'counts %s from its last sample on, when its target comes back after a while',
  (_, first, more) => {
    const lost = more.started === undefined ? 90 : 400;
    const pod = {
      name,
      containers: [[at(-lost - 1, first - 1), at(-lost, first), at(30, first + 50), at(58, first + 70)]],
    };
    // Half of the last increment was counted when the pod seemed to have ended.
    expect(secondsOf([{ ...pod, ...more }])).toEqual([expect.closeTo(70 - 0.5, 9)]);
  }
);

it('gives the same hours whatever the order in which an engine lists pods', () => {
  const seconds = fc.double({ min: 0.001, max: 1e6, noNaN: true });
  const pod = fc.record({ service: fc.constantFrom('a', 'b'), ends: fc.boolean(), seconds });
  const pods = fc.array(pod, { minLength: 2, maxLength: 30 }).map((list) =>
    list.map(({ service, ends, seconds: used }, index): EnginePod => {
      const minutes = ends ? [10, 20] : [10, 59];
      const containers = [minutes.map((minute) => at(minute, used * minute)), [at(57, used / 3)]];
      const [started, completed] = [start + 5 * minuteMs, start + 25 * minuteMs];
      return { name: `${service}-6b9ddddbd7-cm6c${index}`, containers, ...(ends && { started, completed }) };
    })
  );
  const figures = (list: readonly EnginePod[]) =>
    computeWindows(factsOf(list, { count: 2 })).map(({ hours, hoursByScheme, doubted, unsampled }) => ({
      hours: [...hours].sort(),
      hoursByScheme: [...hoursByScheme].sort(),
      doubted: [...(doubted.get('no-labels') ?? [])].sort(),
      unsampled,
    }));
  fc.assert(
    fc.property(
      pods.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        expect(figures(shuffled)).toEqual(figures(list));
      }
    ),
    { numRuns: 50 }
  );
});
