import { from, map, mergeMap, type Observable, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { escapeRegex } from '../expr/promql';
import { type CpuWindow, samplesOfPods } from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { podKey, podName } from './podValues';
import { type WindowRun, windowsOf } from './windows';

/** Samples of one counter, oldest first: times in ms since the epoch, and values. */
export type Samples = ReadonlyArray<readonly [number, number]>;

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

/**
 * The counters of single pods (by key), window by window of a run: each with the samples in (start − lookback, end] of the
 * window. What is not a finite number is left out.
 */
export class PodSamples {
  constructor(
    private readonly chunks: ReadonlyArray<Chunk & { counters: ReadonlyMap<string, Samples[]> }>,
    private readonly windows: readonly Span[],
    private readonly lookbackMs: number
  ) {}

  /** The counters of the pod with a key in a window; none when it was not asked for. */
  of(key: string, window: number): Samples[] {
    const chunk = this.chunks.find(
      ({ first, last, pods }) => first <= window && window <= last && pods.has(podName(key))
    );
    const { start, end } = this.windows[window] ?? { start: 0, end: 0 };
    const counters = chunk?.counters.get(key) ?? [];
    return counters.map((samples) => samples.filter(([time]) => time > start - 1 - this.lookbackMs && time <= end - 1));
  }
}

/** Reads the samples of the pods (by key) that are wanted for each window of a run. Errors like the client. */
export function readPodSamples(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  wanted: ReadonlyArray<ReadonlySet<string>>
): Observable<PodSamples> {
  const windows = windowsOf(run);
  const { lookbackMs, scrapeMs } = shape;
  const names = wanted.map((keys) => new Set([...keys].map(podName)));
  const most = (count: number) => Math.floor((mostSamples * scrapeMs) / (count * run.lengthMs + lookbackMs));
  return from(chunksOf(names, most)).pipe(
    mergeMap((chunk) => {
      const start = windows[chunk.first]?.start ?? 0;
      const end = windows[chunk.last]?.end ?? 0;
      return client
        .samples(samplesOfPods(shape, [...chunk.pods], end - start + lookbackMs), end - 1)
        .pipe(map(({ series }) => ({ ...chunk, counters: countersByPod(series) })));
    }, concurrency),
    toArray(),
    map((chunks) => new PodSamples(chunks, windows, lookbackMs))
  );
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
