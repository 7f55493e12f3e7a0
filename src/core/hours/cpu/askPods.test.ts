import fc from 'fast-check';
import { defer, lastValueFrom, of } from 'rxjs';

import { type CpuWindow, endedAfterMs, livesOfPods, mostAtFirst, podLabels, usedByPod } from '../../expr/promqlCpu';
import { PrometheusClient } from '../../upstream/prometheus';
import { readCpuRun } from './askPods';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const start = Date.parse('2026-10-05T10:00:00Z');

/** A pod with one counter per container, and when it was completed and started, in ms. */
interface Pod {
  name: string;
  /** Default: `n`. */
  namespace?: string;
  containers: Array<Array<[number, number]>>;
  completed?: number;
  started?: number;
}

interface Settings {
  windowMs?: number;
  count?: number;
  /** What the engine gives for samples; default: what there is. */
  samplesOf?: (pod: Pod, attempt: number) => Pod['containers'];
}

/** Answers what `readCpuRun` asks, as the expressions are meant. */
function read(
  pods: readonly Pod[],
  { windowMs = hourMs, count = 1, samplesOf = (pod) => pod.containers }: Settings = {}
) {
  const shape: CpuWindow = {
    servicesNamespace: 'n',
    labelling: { exportedCounters: false, withoutId: false, exportedObjects: false },
    windowMs,
    lookbackMs: hourMs,
    scrapeMs: 2 * minuteMs,
  };
  const rangeMs = windowMs + shape.lookbackMs;
  const labelsOf = ({ name, namespace = 'n' }: Pod) => ({ namespace, pod: name });
  const seen = (samples: Array<[number, number]>, time: number, range = rangeMs) =>
    samples.filter(([at]) => at <= time && at > time - range);
  const sumOf = (pod: Pod, time: number, range: number) => {
    const last = pod.containers.flatMap((samples) => seen(samples, time, range).slice(-1));
    return last.length > 0 ? last.reduce((sum, [, value]) => sum + value, 0) : undefined;
  };
  const isReset = (pod: Pod, time: number) =>
    pod.containers.some((samples) =>
      seen(samples, time).some(([, value], index, list) => value < (list[index - 1]?.[1] ?? 0))
    );
  const most = mostAtFirst(shape, true);
  const hasHistory = (pod: Pod, time: number) =>
    pod.containers.some((samples) => {
      const least = Math.min(...seen(samples, time).map(([, value]) => value));
      return seen(samples, time - windowMs, shape.lookbackMs).length === 0 && least > most && least < Infinity;
    });
  const isKnown = ({ completed }: Pod, time: number) => completed !== undefined && completed <= time;
  const hasEnded = (pod: Pod, time: number) =>
    pod.containers.some(
      (samples) => seen(samples, time).length > 0 && seen(samples, time, endedAfterMs).length === 0
    ) && !isKnown(pod, time);
  const isTakenIntoAccount = ({ completed = Infinity }: Pod, time: number) => completed <= time - endedAfterMs;

  /** Values by `oscar_part` at a time. */
  const parts: Record<string, Record<string, (pod: Pod, time: number) => number | undefined>> = {
    [usedByPod(shape, most)]: {
      until: (pod, time) => sumOf(pod, time, rangeMs),
      before: (pod, time) => sumOf(pod, time - windowMs, shape.lookbackMs),
      reset: (pod, time) => (isReset(pod, time) ? 1 : undefined),
      history: (pod, time) => (hasHistory(pod, time) ? 1 : undefined),
    },
    [livesOfPods(shape)]: {
      ended: (pod, time) => (hasEnded(pod, time) ? 1 : undefined),
      completed: (pod, time) => (isTakenIntoAccount(pod, time) ? (pod.completed ?? 0) / 1000 : undefined),
      started: ({ started }, time) => (started !== undefined && started <= time ? started / 1000 : undefined),
    },
    [podLabels(shape, rangeMs)]: {},
  };
  const isAsked = (pod: Pod, query: string) => !query.includes('pod=~') || query.includes(pod.name);
  let attempt = 0;
  const client = new PrometheusClient(
    ({ params }) =>
      defer(() => {
        const query = params['query'] ?? '';
        const ms = (name: string) => Math.round(Number(params[name]) * 1000);
        const isRange = params['start'] !== undefined;
        const [first, last, step] = isRange ? [ms('start'), ms('end'), ms('step')] : [ms('time'), ms('time'), 1];
        const times = Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
        const asValue = ([time, value]: readonly [number, number]) => [time / 1000, String(value)];
        const known = parts[query];
        const result = known
          ? Object.entries(known).flatMap(([part, valueOf]) =>
              pods.map((pod) => ({
                metric: { ...labelsOf(pod), oscar_part: part },
                values: times.flatMap((time) => {
                  const value = valueOf(pod, time);
                  return value === undefined ? [] : [asValue([time, value])];
                }),
              }))
            )
          : pods.flatMap((pod) =>
              isAsked(pod, query)
                ? samplesOf(pod, attempt++).map((samples, index) => ({
                    metric: { ...labelsOf(pod), container: `c${index}` },
                    values: samples.map(asValue),
                  }))
                : []
            );
        const there = result.filter(({ values }) => values.length > 0);
        return of(
          isRange || !known
            ? { status: 'success', data: { resultType: 'matrix', result: there } }
            : {
                status: 'success',
                data: { resultType: 'vector', result: there.map(({ metric, values: [value] }) => ({ metric, value })) },
              }
        );
      }),
    { uid: 'p', method: 'POST', customParameters: [] },
    { retries: 1, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 }
  );
  const run = { first: { start, end: start + windowMs }, lengthMs: windowMs, count };
  return lastValueFrom(readCpuRun(client, shape, run, true));
}

async function secondsOf(pods: readonly Pod[], settings?: Settings): Promise<number[]> {
  const { windows } = await read(pods, settings);
  return windows.map(({ view }) => [...view.hours.values()].reduce((sum, hours) => sum + hours, 0) * 3600);
}

const name = 'a-6b9ddddbd7-cm6c9';
const at = (minute: number, value: number): [number, number] => [start + minute * minuteMs, value];

it('counts what counters show at the end of a window more than at its start', async () => {
  const pods = [{ name, containers: [[at(-1, 100), at(59, 160)], [at(55, 7)]] }];
  const { windows, hasPodless } = await read(pods);
  expect([...(windows[0]?.view.hours ?? [])]).toEqual([['a', 67 / 3600]]);
  expect(hasPodless).toBe(false);
});

it('adds half of the last increment of a container that ended, whatever the others of its pod do', async () => {
  const alive = [at(1, 1), at(59, 50)];
  expect(await secondsOf([{ name, containers: [alive, [at(10, 20), at(12, 26)]] }])).toEqual([expect.closeTo(79, 9)]);
});

it('leaves the end of a completed pod to its lifetime, in the window in which that is known', async () => {
  const pod = { name, containers: [[at(10, 20), at(12, 26)]], started: start, completed: start + 13 * minuteMs };
  const { windows } = await read([pod]);
  expect(await secondsOf([pod])).toEqual([expect.closeTo(26, 9)]);
  expect(windows[0]?.completions.afterLastSample.get('a')).toBeCloseTo(26 / 12, 9);
  // Known at 10:23 only.
  const early = await read([pod], { windowMs: 20 * minuteMs, count: 3 });
  expect(early.windows.map(({ completions }) => completions.used.get('a'))).toEqual([undefined, 26, undefined]);
});

it('tells of completed pods without a sample', async () => {
  const { windows } = await read([{ name, containers: [], started: start, completed: start + 90_000 }]);
  expect([...(windows[0]?.completions.unsampledLife ?? [])]).toEqual([['a', 90]]);
  expect([...(windows[0]?.completions.unsampledPods ?? [])]).toEqual([['a', 1]]);
});

it.each([
  ['other samples', () => [[at(10, 20), at(12, 27)]]],
  ['samples of another time', () => [[at(-500, 20), at(-499, 26)]]],
  ['none', () => []],
] as Array<[string, () => Pod['containers']]>)('does not take %s for those of a pod', async (_, samplesOf) => {
  const pods = [{ name, containers: [[at(10, 20), at(12, 26)]] }];
  await expect(secondsOf(pods, { samplesOf })).rejects.toThrow(`samples of the pod "${name}" tell of`);
});

it('asks again for samples that can not be those of a pod', async () => {
  const containers = [[at(10, 20), at(12, 26)]];
  const samplesOf = (_: Pod, attempt: number) => (attempt === 0 ? [] : containers);
  expect(await secondsOf([{ name, containers }], { samplesOf })).toEqual([expect.closeTo(29, 9)]);
});

it('tells of counters that are no numbers, and counts the others', async () => {
  const other = { name: 'b-6b9ddddbd7-cm6c9', containers: [[at(20, 1), at(59, NaN)]] };
  const { windows, warnings } = await read([{ name, containers: [[at(20, 1), at(59, 9)]] }, other]);
  expect([...(windows[0]?.view.hours ?? [])]).toEqual([['a', 9 / 3600]]);
  expect(warnings).toEqual(['the counters of 1 pod have values that are not finite']);
});

it('takes samples with some that came in after they were summed up', async () => {
  const ended = [at(10, 20), at(12, 26)];
  const samplesOf = () => [ended, [at(20, 1), at(57, 4), at(59, 9)]];
  // 4 and not 9: the hours are those of the sum.
  const pods = [{ name, containers: [ended, [at(20, 1), at(57, 4)]] }];
  expect(await secondsOf(pods, { samplesOf })).toEqual([expect.closeTo(26 + 3 + 4, 9)]);
});

it('gives the same hours whatever a stretch is cut into', async () => {
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 25 }), fc.integer({ min: 0, max: 90 })), {
    minLength: 1,
    maxLength: 12,
  });
  const pod = fc.record({ begins: fc.integer({ min: -50, max: 100 }), steps, isCompleted: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(pod, { minLength: 1, maxLength: 5 }), async (lives) => {
      const pods = lives.map(({ begins, steps: increments, isCompleted }, index): Pod => {
        let minute = begins;
        let value = 0;
        const samples = increments.map(([minutes, more]) => at((minute += minutes), (value += more)));
        const completed = start + (minute + 1) * minuteMs;
        return { name: `p${index}-6b9ddddbd7-cm6c9`, containers: [samples], ...(isCompleted && { completed }) };
      });
      const sum = async (settings: Settings) => (await secondsOf(pods, settings)).reduce((a, b) => a + b, 0);
      const whole = await sum({ windowMs: 2 * hourMs, count: 1 });
      expect(await sum({ windowMs: hourMs, count: 2 })).toBeCloseTo(whole, 6);
      expect(await sum({ windowMs: 20 * minuteMs, count: 6 })).toBeCloseTo(whole, 6);
    }),
    { numRuns: 60 }
  );
});

describe('a counter that was reset', () => {
  const pod = { name, containers: [[at(-10, 4990), at(20, 5000), at(40, 10), at(58, 13)]] };

  it('counts what it showed before the reset and after it', async () => {
    expect(await secondsOf([pod])).toEqual([expect.closeTo(10 + 13, 9)]);
    expect(await secondsOf([pod], { windowMs: 30 * minuteMs, count: 2 })).toEqual(
      [10, 13].map((value) => expect.closeTo(value, 9))
    );
  });

  it.each([
    ['none', () => []],
    ['half of them', ({ containers }: Pod) => containers.map((samples) => samples.slice(0, 2))],
  ] as Array<[string, () => Pod['containers']]>)(
    'is not counted by samples that are not its own: %s',
    async (_, samplesOf) => {
      await expect(secondsOf([pod], { samplesOf })).rejects.toThrow(`samples of the pod "${name}" tell of`);
    }
  );

  it('is not mixed with the pod of the same name in another namespace', async () => {
    const { windows } = await read([pod, { name, namespace: 'n-2', containers: [[at(-10, 100), at(58, 160)]] }]);
    expect([...(windows[0]?.view.hours ?? [])]).toEqual([['a', expect.closeTo((23 + 60) / 3600, 9)]]);
  });
});

it('takes off what a counter showed when it was first seen', async () => {
  const { windows } = await read([{ name, containers: [[at(20, 50_000), at(58, 50_060)]] }]);
  expect([...(windows[0]?.view.hours ?? [])]).toEqual([['a', expect.closeTo(60 / 3600, 9)]]);
  expect(windows[0]?.view.withHistory).toBe(1);
});

it('takes off what a container showed when it was first seen in a pod that is known', async () => {
  const containers = [
    [at(-10, 100), at(58, 130)],
    [at(20, 50_000), at(58, 50_060)],
  ];
  const { windows } = await read([{ name, containers }]);
  expect([...(windows[0]?.view.hours ?? [])]).toEqual([['a', expect.closeTo(90 / 3600, 9)]]);
  expect(windows[0]?.view.withHistory).toBe(1);
});

it.each([
  ['an old pod', 50_000, {}],
  ['one that used little, by its own samples', 100, {}],
  ['one that used little, by its start', 100, { started: start - 10 * hourMs }],
] as Array<[string, number, Partial<Pod>]>)(
  'counts %s from its last sample on, when its target comes back after a while',
  async (_, first, more) => {
    const lost = more.started === undefined ? 90 : 400;
    const pod = {
      name,
      containers: [[at(-lost - 1, first - 1), at(-lost, first), at(30, first + 50), at(58, first + 70)]],
    };
    // Half of the last increment was counted when the pod seemed to have ended.
    expect(await secondsOf([{ ...pod, ...more }])).toEqual([expect.closeTo(70 - 0.5, 9)]);
  }
);
