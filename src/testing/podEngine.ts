import { defer, of } from 'rxjs';

import { minuteMs } from '../core/domain/duration';
import { type CpuWindow, endedAfterMs, knownOfPods, shownIn } from '../core/expr/promqlCpu';
import { containersByPod } from '../core/hours/cpu/counters/containers';
import { type PodFacts } from '../core/hours/cpu/podFacts';
import { planPods, type PodPlan } from '../core/hours/cpu/podPlan';
import { PodSamples } from '../core/hours/cpu/podSamples';
import { maxLookbackMs } from '../core/hours/scrapes/lookback';
import { type WindowRun, windowsOf } from '../core/hours/windows';
import { PrometheusClient, type PromSeries } from '../core/upstream/prometheus';

/** A pod with one counter per container, and when it was completed and started, in ms. */
export interface EnginePod {
  name: string;
  /** Default: `n`. */
  namespace?: string;
  containers: Array<Array<[number, number]>>;
  completed?: number;
  started?: number;
}

/** Windows of one namespace prefix, with plain labels and a scrape every two minutes. */
export function podShape(windowMs: number): CpuWindow {
  return {
    servicesNamespace: 'n',
    labelling: { exportedCounters: false, withoutId: false, exportedObjects: false },
    windowMs,
    lookbackMs: 60 * minuteMs,
    scrapeMs: 2 * minuteMs,
  };
}

type Samples = Array<[number, number]>;

/** What is said at a time (ms) about a pod, or about the counter of one of its containers. */
type Part =
  | { ofPod: (pod: EnginePod, time: number) => number | undefined }
  | { ofCounter: (samples: Samples, time: number) => number | undefined };

/** Values by query and `oscar_part` at a time (ms), as the expressions are meant. */
function partsOf(shape: CpuWindow): Record<'shown' | 'known', Record<string, Part>> {
  const { windowMs, lookbackMs } = shape;
  const rangeMs = windowMs + lookbackMs;
  const seen = (samples: Samples, time: number, range = rangeMs) =>
    samples.filter(([at]) => at <= time && at > time - range);
  const last = (samples: Samples, time: number, range = rangeMs) => seen(samples, time, range).slice(-1)[0]?.[1];
  const isReset = (pod: EnginePod, time: number) =>
    pod.containers.some((samples) =>
      seen(samples, time).some(([, value], index, list) => value < (list[index - 1]?.[1] ?? 0))
    );
  return {
    shown: {
      until: { ofCounter: last },
      before: { ofCounter: (samples, time) => last(samples, time - windowMs, lookbackMs) },
      lately: { ofCounter: (samples, time) => seen(samples, time, endedAfterMs).length || undefined },
      reset: { ofPod: (pod, time) => (isReset(pod, time) ? 1 : undefined) },
    },
    known: {
      completed: {
        ofPod: ({ completed = Infinity }, time) => (completed <= time ? completed / 1000 : undefined),
      },
      started: { ofPod: ({ started = Infinity }, time) => (started <= time ? started / 1000 : undefined) },
    },
  };
}

function labelsOf({ name, namespace = 'n' }: EnginePod): Record<string, string> {
  return { namespace, pod: name };
}

function seriesOf(parts: Record<string, Part>, pods: readonly EnginePod[], times: readonly number[]): PromSeries[] {
  const found = (labels: PromSeries['labels'], part: string, valueAt: (time: number) => number | undefined) => {
    const samples = times.flatMap((time): Samples => {
      const value = valueAt(time);
      return value === undefined ? [] : [[time, value]];
    });
    return samples.length > 0 ? [{ labels: { ...labels, oscar_part: part }, samples }] : [];
  };
  return Object.entries(parts).flatMap(([name, part]) =>
    pods.flatMap((pod) =>
      'ofPod' in part
        ? found(labelsOf(pod), name, (time) => part.ofPod(pod, time))
        : pod.containers.flatMap((samples, index) =>
            found({ ...labelsOf(pod), container: `c${index}` }, name, (time) => part.ofCounter(samples, time))
          )
    )
  );
}

function samplesOfPod(pod: EnginePod, containers = pod.containers): PromSeries[] {
  return containers.map((samples, index) => ({ labels: { ...labelsOf(pod), container: `c${index}` }, samples }));
}

/** What an engine says of pods in the windows of a run, but their samples. */
export function podPlanOf(pods: readonly EnginePod[], run: WindowRun): PodPlan {
  const shape = podShape(run.lengthMs);
  const { shown, known } = partsOf(shape);
  const times = [run.first.start - 1, ...windowsOf(run).map(({ end }) => end - 1)];
  const answers = { shown: seriesOf(shown, pods, times), known: seriesOf(known, pods, times) };
  return planPods(answers, shape, run, -Infinity);
}

/** What an engine says of pods in the windows of a run, without one being asked. */
export function podFacts(pods: readonly EnginePod[], run: WindowRun): PodFacts {
  const shape = podShape(run.lengthMs);
  const windows = windowsOf(run);
  const containers = containersByPod(
    pods.flatMap((pod) => samplesOfPod(pod)),
    shape
  );
  const all = [{ first: 0, last: windows.length - 1, pods: 'all' as const, containers }];
  return {
    ...podPlanOf(pods, run),
    samples: {
      near: new PodSamples(all, windows, shape.lookbackMs),
      far: new PodSamples(all, windows, maxLookbackMs),
    },
  };
}

/**
 * A Prometheus that answers what `askPods` asks about windows of a length.
 *
 * @param samplesOf what it gives for the samples of a pod; default: what there is
 */
export function podEngine(
  pods: readonly EnginePod[],
  windowMs: number,
  samplesOf: (pod: EnginePod, attempt: number) => EnginePod['containers'] = (pod) => pod.containers
): PrometheusClient {
  const shape = podShape(windowMs);
  const parts = partsOf(shape);
  const known: Record<string, Record<string, Part>> = {
    [shownIn(shape)]: parts.shown,
    [knownOfPods(shape)]: parts.known,
  };
  const isAsked = (pod: EnginePod, query: string) => !query.includes('pod=~') || query.includes(pod.name);
  let attempt = 0;
  return new PrometheusClient(
    ({ params }) =>
      defer(() => {
        const query = params['query'] ?? '';
        const ms = (name: string) => Math.round(Number(params[name]) * 1000);
        const isRange = params['start'] !== undefined;
        const [first, last, step] = isRange ? [ms('start'), ms('end'), ms('step')] : [ms('time'), ms('time'), 1];
        const times = Array.from({ length: (last - first) / step + 1 }, (_, index) => first + index * step);
        const wanted = known[query];
        const series = wanted
          ? seriesOf(wanted, pods, times)
          : pods.flatMap((pod) => (isAsked(pod, query) ? samplesOfPod(pod, samplesOf(pod, attempt++)) : []));
        const result = series
          .map(({ labels, samples }) => ({
            metric: labels,
            values: samples.map(([time, value]) => [time / 1000, String(value)]),
          }))
          .filter(({ values }) => values.length > 0);
        return of({
          status: 'success',
          data:
            isRange || !wanted
              ? { resultType: 'matrix', result }
              : { resultType: 'vector', result: result.map(({ metric, values: [value] }) => ({ metric, value })) },
        });
      }),
    { uid: 'p', method: 'POST', customParameters: [] },
    { retries: 1, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 }
  );
}
