import { concatMap, forkJoin, from, map, mergeMap, type Observable, of, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { ofPods } from '../expr/promql';
import { type CpuWindow, endedPods, lastOfPods, partLabel, podLabels, startedPods } from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { type CompletedPod, type Completions, completionsOf, type LastOfPod, noCompletions } from './completions';
import { evaluate } from './evaluate';
import { PodServices } from './podServices';
import { keyOf, SeriesOfPods } from './seriesOfPods';
import { type WindowRun, windowsOf } from './windows';

/** Names in one query, which hold them twice: VictoriaMetrics takes 16 kB of a query by default. */
const mostPods = 170;
const longestMatcher = 6_500;

const concurrency = 2;

/** What an engine tells of the pods of a run's windows. */
interface Told {
  ended: PromSeries[];
  started: SeriesOfPods;
  services: PodServices;
}

/** Pods of which the last samples are asked for in one query. */
export interface Chunk {
  /** First and last window that one of them ended in. */
  first: number;
  last: number;
  pods: string[];
}

/**
 * The completions of each window of a run. The ends, starts and services of pods are read as they are, and of those that
 * ended their last samples, by name; an engine that joins all of it would look every selector up several times.
 * Errors like the client.
 */
export function readCompletions(client: PrometheusClient, shape: CpuWindow, run: WindowRun): Observable<Completions[]> {
  const windows = windowsOf(run);
  return evaluate(client, endedPods(shape), run).pipe(
    concatMap(({ series: ended }) =>
      ended.length === 0
        ? of(windows.map(noCompletions))
        : forkJoin({
            started: evaluate(client, startedPods(shape), run),
            labels: evaluate(client, podLabels(shape.servicesNamespace, shape.windowMs + shape.lookbackMs), run),
            lasts: readLasts(client, shape, run, ended),
          }).pipe(
            map(({ started, labels, lasts }) => {
              const told = {
                ended,
                started: new SeriesOfPods(started.series),
                services: new PodServices(labels.series),
              };
              return windows.map((window) => completionsIn(window, told, lasts, shape));
            })
          )
    )
  );
}

function completionsIn({ end }: Span, { ended, started, services }: Told, lasts: Lasts, shape: CpuWindow): Completions {
  const at = end - 1;
  const pods: CompletedPod[] = [];
  for (const one of ended) {
    for (const [time, completed] of one.samples) {
      const start = time === at ? started.valueAt(keyOf(one), at) : undefined;
      if (start !== undefined) {
        pods.push({ service: services.of(one, at).service, completed, started: start, last: lasts(keyOf(one), at) });
      }
    }
  }
  return completionsOf(pods, { scrapeMs: shape.scrapeMs, since: (at - shape.windowMs - shape.lookbackMs) / 1000 });
}

/** What the last samples of a pod tell in the window that is evaluated at a time (ms). */
type Lasts = (pod: string, at: number) => LastOfPod | undefined;

function readLasts(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  ended: readonly PromSeries[]
): Observable<Lasts> {
  const windows = windowsOf(run);
  return from(chunksOf(podsByWindow(windows, ended))).pipe(
    mergeMap(({ first, last, pods }) => {
      const piece = { ...run, first: windows[first] ?? run.first, count: last - first + 1 };
      return evaluate(client, lastOfPods(shape, pods), piece);
    }, concurrency),
    toArray(),
    map((answers) => {
      const series = answers.flatMap((answer) => answer.series);
      const ofPart = (part: string) => new SeriesOfPods(series.filter(({ labels }) => labels[partLabel] === part));
      const [used, sampled, rate] = [ofPart('used'), ofPart('sampled'), ofPart('rate')];
      return (pod, at) => {
        const seconds = used.valueAt(pod, at);
        return seconds === undefined
          ? undefined
          : { used: seconds, sampled: sampled.valueAt(pod, at), rate: rate.valueAt(pod, at) };
      };
    })
  );
}

/** Names of the pods that ended in each window. */
function podsByWindow(windows: readonly Span[], ended: readonly PromSeries[]): string[][] {
  const index = new Map(windows.map(({ end }, position) => [end - 1, position]));
  const names = windows.map(() => new Set<string>());
  for (const { labels, samples } of ended) {
    for (const [time] of samples) {
      names[index.get(time) ?? -1]?.add(labels['pod'] ?? '');
    }
  }
  return names.map((set) => [...set]);
}

/** Gathers the pods of windows, in order, into as few queries as may hold their names. */
export function chunksOf(podsByWindow: ReadonlyArray<readonly string[]>): Chunk[] {
  const chunks: Chunk[] = [];
  let length = 0;
  podsByWindow.forEach((pods, window) => {
    for (const pod of pods) {
      const own = ofPods([pod]).length;
      const chunk = chunks[chunks.length - 1];
      if (chunk && chunk.pods.length < mostPods && length + own <= longestMatcher) {
        chunk.pods.push(pod);
        chunk.last = window;
        length += own;
      } else {
        chunks.push({ first: window, last: window, pods: [pod] });
        length = own;
      }
    }
  });
  return chunks;
}
