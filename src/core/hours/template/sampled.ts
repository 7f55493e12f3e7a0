import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { type Span } from '../../domain/span';
import { expandTemplate, reachOf, usualLookBackMs } from '../../expr/promql';
import { type PodSampleQuery } from '../../expr/promqlGpu';
import { type KnownPod } from '../../expr/promqlPods';
import { duration } from '../../expr/promqlText';
import { type PrometheusClient, type PromResult, type PromSeries } from '../../upstream/prometheus';
import { evaluate } from '../evaluate';
import { askInOrder } from '../inOrder';
import { type WindowRun, windowsOf } from '../windows';
import { type FoundPods, maxQueryCharacters } from './foundPods';

/** Hours that are computed from samples where these are few. */
export interface SampledHours {
  query: PodSampleQuery;
  /** Series as the template's `hours`, at the last ms of each window. */
  hours: (series: readonly PromSeries[], windows: SampledWindows) => PromSeries[];
}

/** Adjacent windows in order, how long a sample counts, and what the names of the services' namespaces begin with. */
export interface SampledWindows {
  windows: readonly Span[];
  lookBackMs: number;
  servicesNamespace: string;
}

/** A run whose pods are known. */
export interface FoundRun {
  run: WindowRun;
  /** Undefined: they can't be relied on. */
  found: FoundPods | undefined;
  lookBackMs: number | undefined;
}

/** Runs that are read together. */
export interface SampledBatch {
  runs: FoundRun[];
  /** Whether samples are enough to know their hours. */
  isSampled: boolean;
}

/** Queries that wait for their turn at the gate at most, so that those of other panels are not behind all of them. */
const queriesAhead = 2;

/** Estimated samples in an answer. */
const maxSamples = 400_000;

/** Gathers adjacent runs of equally long windows into as few batches as may be read from samples. */
export function sampledBatches(runs: readonly FoundRun[], { perCounted }: PodSampleQuery): SampledBatch[] {
  const batches: Array<SampledBatch & { samples: number }> = [];
  for (const one of runs) {
    const samples = perCounted * (one.found?.samples ?? Infinity);
    const isSampled = one.found?.isShown === true && samples <= maxSamples;
    const last = batches[batches.length - 1];
    if (isSampled && last?.isSampled && last.samples + samples <= maxSamples) {
      last.runs.push(one);
      last.samples += samples;
    } else {
      batches.push({ runs: [one], isSampled, samples });
    }
  }
  return batches.map(({ runs: all, isSampled }) => ({ runs: all, isSampled }));
}

/**
 * Answers for all windows of some adjacent runs of equal windows as the template would, from samples; undefined where these are
 * not what the engine had counted, hold a value that is not finite, or can't be had. Never errors.
 */
export function readSampled(
  client: PrometheusClient,
  { query, hours }: SampledHours,
  runs: readonly FoundRun[],
  { servicesNamespace, lookBackMs = usualLookBackMs }: { servicesNamespace: string; lookBackMs: number | undefined }
): Observable<PromResult | undefined> {
  const run = joinedRun(runs);
  const windows = windowsOf(run);
  const pods = distinctPods(runs);
  if (pods.length === 0) {
    return of({ series: [], warnings: [] });
  }
  const expand = (template: string) =>
    expandTemplate(template, { servicesNamespace, windowMs: run.lengthMs, lookBackMs });
  const lengthMs = run.lengthMs * run.count;
  const rangeMs = reachOf(lengthMs, lookBackMs) + query.aheadMs;
  const end = run.first.start + lengthMs - 1;
  const about = (group: readonly KnownPod[]) => expand(query.about(group) ?? '');
  const selector = (group: readonly KnownPod[]) => expand(query.selector(group));
  const abouts = askedTogether(pods, (group) => about(group).length).map(about);
  const selectors = askedTogether(pods, (group) => selector(group).length).map(
    (group) => `${selector(group)}[${duration(rangeMs)}]`
  );
  return forkJoin({
    known: askInOrder(
      abouts.filter((text) => text !== ''),
      (text) => evaluate(client, text, run),
      queriesAhead
    ),
    found: askInOrder(selectors, (text) => client.samples(text, end + query.aheadMs), queriesAhead),
  }).pipe(
    map(({ known, found }) => {
      const samples = found.flatMap(({ series }) => series);
      const isWhole = areCounted(samples, runs, query.countedAs(servicesNamespace), lookBackMs);
      const isFinite = samples.every((one) => one.samples.every(([, value]) => Number.isFinite(value)));
      return isWhole && isFinite
        ? {
            series: [
              ...known.flatMap(({ series }) => series),
              ...hours(samples, { windows, lookBackMs, servicesNamespace }),
            ],
            warnings: [...known, ...found].flatMap(({ warnings }) => warnings),
          }
        : undefined;
    }),
    // Whatever is in the way of samples may not be in the way of hours; if it is, the error of these says why.
    catchError(() => of(undefined))
  );
}

/** All windows of adjacent runs of equally long windows. */
export function joinedRun(runs: readonly FoundRun[]): WindowRun {
  const [first] = runs;
  if (!first) {
    throw new Error('there is no run');
  }
  return { ...first.run, count: runs.reduce((sum, { run }) => sum + run.count, 0) };
}

function distinctPods(runs: readonly FoundRun[]): KnownPod[] {
  const all = runs.flatMap(({ found }) => found?.pods ?? []);
  return [...new Map(all.map((pod) => [`${pod.namespace}/${pod.name}`, pod] as const)).values()];
}

/** Pods in groups about which queries are not too long. */
function askedTogether(pods: readonly KnownPod[], lengthOf: (group: readonly KnownPod[]) => number): KnownPod[][] {
  if (pods.length <= 1 || lengthOf(pods) <= maxQueryCharacters) {
    return [[...pods]];
  }
  const middle = Math.ceil(pods.length / 2);
  return [pods.slice(0, middle), pods.slice(middle)].flatMap((half) => askedTogether(half, lengthOf));
}

/** Whether there are all samples that were counted; there may be more that came in since. */
function areCounted(
  series: readonly PromSeries[],
  runs: readonly FoundRun[],
  countedAs: (labels: PromSeries['labels']) => string | undefined,
  lookBackMs: number
): boolean {
  const times = new Map<string, number[][]>();
  for (const { labels, samples } of series) {
    const pod = countedAs(labels);
    if (pod !== undefined) {
      const own = times.get(pod) ?? [];
      times.set(pod, own);
      own.push(samples.map(([time]) => time));
    }
  }
  return runs.every(({ run, found }) => {
    const lengthMs = run.lengthMs * run.count;
    const end = run.first.start + lengthMs - 1;
    const start = end - reachOf(lengthMs, lookBackMs);
    return [...(found?.counts ?? [])].every(
      ([pod, count]) => (times.get(pod) ?? []).flat().filter((time) => time > start && time <= end).length >= count
    );
  });
}
