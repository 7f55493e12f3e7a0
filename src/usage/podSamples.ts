import { from, map, mergeMap, type Observable, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { escapeRegex } from '../expr/promql';
import { type CpuWindow, samplesOfPods } from '../expr/promqlUsage';
import { UpstreamError } from '../upstream/errors';
import { type PrometheusClient, type PromResult, type PromSeries } from '../upstream/prometheus';
import { lastAt } from './containerUse';
import { podKey, podName } from './podValues';
import { type WindowRun, windowsOf } from './windows';

/** Samples of one counter, oldest first: times in ms since the epoch, and values. */
export type Samples = ReadonlyArray<readonly [number, number]>;

/** What the counters of a pod are known to show together: CPU seconds of their last samples at or before a time (ms). */
export interface Shown {
  time: number;
  seconds: number;
}

/** The pods (by key) that are wanted for a window, and what is known of their counters. */
export type Wanted = ReadonlyMap<string, readonly Shown[]>;

/** Pods whose samples are asked for in one query, and the first and last window that they are wanted for. */
export interface Chunk {
  first: number;
  last: number;
  pods: Set<string>;
}

/** Bounds of a query: names, their length (VictoriaMetrics takes 16 kB of a query by default), and samples in the answer. */
const mostPods = 350;
const longestNames = 13_000;
const mostSamples = 200_000;

const concurrency = 2;

/** The counters of single pods, by key. */
type Counters = ReadonlyMap<string, Samples[]>;

/** The counters of single pods, window by window of a run, as `readPodSamples` read them. */
export class PodSamples {
  constructor(
    private readonly chunks: ReadonlyArray<Chunk & { counters: Counters }>,
    private readonly windows: readonly Span[],
    private readonly lookbackMs: number
  ) {}

  /** The counters of the pod with a key in a window; none when it was not asked for. */
  of(key: string, window: number): Samples[] {
    const chunk = this.chunks.find((one) => covers(one, window) && one.pods.has(podName(key)));
    return countersIn(chunk?.counters, key, this.windows[window], this.lookbackMs);
  }
}

/**
 * Reads the counters of the pods that are wanted for each window of a run: the samples in (start − lookback, end] of the
 * window. What is not a finite number is left out. An answer that does not show what is known is not taken. Errors like the
 * client.
 */
export function readPodSamples(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  wanted: readonly Wanted[]
): Observable<PodSamples> {
  const windows = windowsOf(run);
  const { lookbackMs, scrapeMs } = shape;
  const names = wanted.map((pods) => new Set([...pods.keys()].map(podName)));
  const most = (count: number) => Math.floor((mostSamples * scrapeMs) / (count * run.lengthMs + lookbackMs));
  return from(chunksOf(names, most)).pipe(
    mergeMap((chunk) => {
      const start = windows[chunk.first]?.start ?? 0;
      const end = windows[chunk.last]?.end ?? 0;
      const selector = samplesOfPods(shape, [...chunk.pods], end - start + lookbackMs);
      const check = ({ series }: PromResult) => {
        const counters = countersByPod(series);
        wanted.forEach((pods, index) => {
          if (covers(chunk, index)) {
            checkWindow(chunk, pods, (key) => countersIn(counters, key, windows[index], lookbackMs));
          }
        });
      };
      return client
        .samples(selector, end - 1, check)
        .pipe(map(({ series }) => ({ ...chunk, counters: countersByPod(series) })));
    }, concurrency),
    toArray(),
    map((chunks) => new PodSamples(chunks, windows, lookbackMs))
  );
}

function covers({ first, last }: Chunk, window: number): boolean {
  return first <= window && window <= last;
}

function countersIn(
  counters: Counters | undefined,
  key: string,
  { start, end }: Span = { start: 0, end: 0 },
  lookbackMs: number
): Samples[] {
  const isInside = ([time]: Samples[number]) => time > start - 1 - lookbackMs && time <= end - 1;
  return (counters?.get(key) ?? []).map((samples) => samples.filter(isInside));
}

/** Throws an `UpstreamError` unless the pods of a chunk show what is known of them. */
function checkWindow({ pods }: Chunk, wanted: Wanted, countersOf: (key: string) => Samples[]): void {
  for (const [key, known] of wanted) {
    if (pods.has(podName(key))) {
      const counters = countersOf(key);
      for (const { time, seconds } of known) {
        const found = lastAt(counters, time)?.value;
        if (found === undefined || !(Math.abs(found - seconds) <= 1e-9 * Math.max(1, Math.abs(seconds)))) {
          const told = `${String(found)} instead of ${seconds} CPU seconds`;
          throw new UpstreamError('malformed', `samples of the pod ${JSON.stringify(podName(key))} tell of ${told}`);
        }
      }
    }
  }
}

function countersByPod(series: readonly PromSeries[]): Map<string, Samples[]> {
  const counters = new Map<string, Samples[]>();
  for (const one of series) {
    const key = podKey(one);
    const samples = one.samples.filter(([, value]) => Number.isFinite(value));
    counters.set(key, [...(counters.get(key) ?? []), samples]);
  }
  return counters;
}

/**
 * Gathers the names of pods, window by window, into as few queries as may hold them.
 *
 * @param most how many pods a query over so many windows may ask for, if each lives through all of them
 */
export function chunksOf(
  namesByWindow: ReadonlyArray<ReadonlySet<string>>,
  most: (windows: number) => number
): Chunk[] {
  const chunks: Chunk[] = [];
  let length = 0;
  namesByWindow.forEach((names, window) => {
    for (const name of names) {
      const chunk = chunks[chunks.length - 1];
      const own = escapeRegex(name).length + 1;
      const more = chunk?.pods.has(name) ? 0 : 1;
      const mostHere = chunk && Math.min(mostPods, most(window - chunk.first + 1));
      if (chunk && chunk.pods.size + more <= (mostHere ?? 0) && length + more * own <= longestNames) {
        chunk.pods.add(name);
        chunk.last = window;
        length += more * own;
      } else {
        chunks.push({ first: window, last: window, pods: new Set([name]) });
        length = own;
      }
    }
  });
  return chunks;
}
