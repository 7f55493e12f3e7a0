import { concatMap, forkJoin, from, map, type Observable, of, toArray } from 'rxjs';

import { cpuOddities, type CpuWindow, labelsOfPods, mostAtFirst, partLabel, samplesOfPods } from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { addHours, type CpuWindowView, correctionOf, valueAt } from './cpuWindow';
import { evaluate } from './evaluate';
import { secondsPerHour } from './hours';
import { PodServices } from './podServices';
import { podKey } from './podValues';
import { around, type WindowRun } from './windows';

/** Pods named in one query, so that it stays short. */
const podsInQuery = 20;

const dayMs = 86_400_000;

/**
 * Corrects windows for counters that were reset (their loss is added, from the very samples), and for counters that were
 * not new when they were first seen (what they already showed is taken off).
 */
export function correctOddities(
  client: PrometheusClient,
  shape: CpuWindow,
  windows: readonly CpuWindowView[],
  run: WindowRun,
  believeFirst: boolean
): Observable<void> {
  return evaluate(client, cpuOddities(shape, believeFirst), run).pipe(
    concatMap(({ series }) => {
      const most = mostAtFirst(shape, believeFirst);
      // Short windows see the same pods, whose samples and services are asked for once.
      const together = Math.max(1, Math.floor(dayMs / run.lengthMs));
      const groups = windows.flatMap((_, index) =>
        index % together === 0 ? [windows.slice(index, index + together)] : []
      );
      return forkJoin(groups.map((group) => correctGroup(client, shape, group, series, most))).pipe(
        map(() => undefined)
      );
    })
  );
}

/** What was found in one window. */
interface Odd {
  window: CpuWindowView;
  there: PromSeries[];
  /** Names of the pods whose counters were reset. */
  reset: string[];
}

function oddIn(window: CpuWindowView, series: readonly PromSeries[]): Odd[] {
  const there = series.filter((one) => valueAt(one, window.end - 1) !== undefined);
  const reset = there.filter(({ labels }) => labels[partLabel] === 'reset').map(podOf);
  return there.length > 0 ? [{ window, there, reset: [...new Set(reset)] }] : [];
}

function correctGroup(
  client: PrometheusClient,
  shape: CpuWindow,
  windows: readonly CpuWindowView[],
  series: readonly PromSeries[],
  most: number
): Observable<void> {
  const found = windows.flatMap((window) => oddIn(window, series));
  const { start, end } = around(windows);
  if (found.length === 0) {
    return of(undefined);
  }
  const at = end - 1;
  const range = end - start + shape.lookbackMs;
  const pods = [...new Set(found.flatMap(({ there }) => there.map(podOf)))];
  const reset = [...new Set(found.flatMap((one) => one.reset))];
  return forkJoin({
    services: servicesOf(client, shape, pods, windows),
    samples: inChunks(reset, (chunk) => client.samples(samplesOfPods(shape, chunk, range), at)),
  }).pipe(
    map(({ services, samples }) => {
      const counters = samples.flatMap((result) => result.series);
      for (const odd of found) {
        correctWindow(odd, counters, services, shape, most);
      }
    })
  );
}

function correctWindow(
  { window, there, reset }: Odd,
  counters: readonly PromSeries[],
  services: PodServices,
  { lookbackMs }: CpuWindow,
  most: number
): void {
  const { start, end } = window;
  // The least value is the first one only of a counter that was not reset; samples tell it of the others.
  const history = there
    .filter((one) => one.labels[partLabel] === 'history' && !reset.includes(podOf(one)))
    .map((one) => ({ one, seconds: -(valueAt(one, end - 1) ?? 0) }));
  const bounds = { from: start - 1, to: end - 1, mostAtFirst: most };
  const corrections = counters
    .filter((one) => reset.includes(podOf(one)))
    .map((one) => {
      const samples = one.samples.filter(([time]) => time > start - 1 - lookbackMs);
      return { one, seconds: correctionOf(samples, bounds) };
    });
  window.withHistory += history.length;
  for (const { one, seconds } of [...history, ...corrections]) {
    const { service, scheme } = services.of(podKey(one), end - 1);
    addHours(window, service, scheme, seconds / secondsPerHour);
  }
}

function podOf({ labels }: PromSeries): string {
  return labels['pod'] ?? '';
}

function servicesOf(
  client: PrometheusClient,
  shape: CpuWindow,
  pods: readonly string[],
  windows: readonly CpuWindowView[]
): Observable<PodServices> {
  const [first] = windows;
  const run = first && { first, lengthMs: shape.windowMs, count: windows.length };
  const range = shape.windowMs + shape.lookbackMs;
  const answers = run ? inChunks(pods, (chunk) => evaluate(client, labelsOfPods(shape, chunk, range), run)) : of([]);
  return answers.pipe(map((results) => new PodServices(results.flatMap(({ series }) => series))));
}

function inChunks<T>(pods: readonly string[], ask: (chunk: string[]) => Observable<T>): Observable<T[]> {
  const chunks: string[][] = [];
  for (let first = 0; first < pods.length; first += podsInQuery) {
    chunks.push(pods.slice(first, first + podsInQuery));
  }
  return from(chunks).pipe(concatMap(ask), toArray());
}
