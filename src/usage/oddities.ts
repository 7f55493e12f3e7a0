import { concatMap, forkJoin, from, map, type Observable, of, toArray } from 'rxjs';

import { serviceOfPod } from '../domain/podName';
import { unattributedService } from '../domain/serviceName';
import {
  cpuOddities,
  type CpuWindow,
  knownServiceLabel,
  labelsOfPods,
  mostAtFirst,
  partLabel,
  samplesOfPods,
} from '../expr/promqlUsage';
import { type PrometheusClient, type PromSeries } from '../upstream/prometheus';
import { addHours, type CpuWindowView, correctionOf, type Scheme, valueAt } from './cpuWindow';
import { evaluate } from './evaluate';
import { normalService, secondsPerHour } from './hours';
import { type WindowRun } from './windows';

/** Pods named in one query, so that it stays short. */
const podsInQuery = 20;

interface PodKey {
  namespace: string;
  pod: string;
}

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
      const corrections = windows.map((window) => correctWindow(client, shape, window, series, most));
      return forkJoin(corrections).pipe(map(() => undefined));
    })
  );
}

function correctWindow(
  client: PrometheusClient,
  shape: CpuWindow,
  window: CpuWindowView,
  series: readonly PromSeries[],
  most: number
): Observable<void> {
  const at = window.end - 1;
  const there = series.filter((one) => valueAt(one, at) !== undefined);
  if (there.length === 0) {
    return of(undefined);
  }
  const partOf = (part: string) => there.filter(({ labels }) => labels[partLabel] === part);
  const reset = [...new Set(partOf('reset').map(({ labels }) => labels['pod'] ?? ''))];
  // The least value is the first one only of a counter that was not reset; samples tell it of the others.
  const history = partOf('history')
    .filter(({ labels }) => !reset.includes(labels['pod'] ?? ''))
    .map((one) => ({ key: keyOf(one), seconds: -(valueAt(one, at) ?? 0) }));
  return forkJoin({
    services: servicesOf(client, shape, [...new Set(there.map(({ labels }) => labels['pod'] ?? ''))], at),
    corrections: resetPods(client, shape, reset, window, most),
  }).pipe(
    map(({ services, corrections }) => {
      window.withHistory += history.length;
      for (const { key, seconds } of [...history, ...corrections]) {
        const { service, scheme } = services(key);
        addHours(window, service, scheme, seconds / secondsPerHour);
      }
    })
  );
}

function keyOf({ labels }: PromSeries): PodKey {
  return { namespace: labels['namespace'] ?? '', pod: labels['pod'] ?? '' };
}

/** Corrections of the counters of pods that were reset, from their samples. */
function resetPods(
  client: PrometheusClient,
  shape: CpuWindow,
  pods: readonly string[],
  { start, end }: CpuWindowView,
  most: number
) {
  const bounds = { from: start - 1, to: end - 1, mostAtFirst: most };
  const range = shape.windowMs + shape.lookbackMs;
  return inChunks(pods, (chunk) => client.samples(samplesOfPods(shape, chunk, range), end - 1)).pipe(
    map((results) =>
      results.flatMap(({ series }) =>
        series.map((one) => ({ key: keyOf(one), seconds: correctionOf(one.samples, bounds) }))
      )
    )
  );
}

function servicesOf(
  client: PrometheusClient,
  shape: CpuWindow,
  pods: readonly string[],
  at: number
): Observable<(key: PodKey) => { service: string; scheme: Scheme }> {
  const range = shape.windowMs + shape.lookbackMs;
  return inChunks(pods, (chunk) => client.instant(labelsOfPods(shape, chunk, range), at)).pipe(
    map((results) => {
      const known = new Map(
        results.flatMap(({ series }) =>
          series.map((one) => [JSON.stringify(keyOf(one)), one.labels[knownServiceLabel] ?? ''] as const)
        )
      );
      return (key) => {
        const label = known.get(JSON.stringify(key));
        const named = label === undefined ? serviceOfPod(key.pod) : undefined;
        return {
          service: label === undefined ? (named ?? unattributedService) : normalService(label),
          scheme: label !== undefined ? 'labels' : named === undefined ? 'none' : 'names',
        };
      };
    })
  );
}

function inChunks<T>(pods: readonly string[], ask: (chunk: string[]) => Observable<T>): Observable<T[]> {
  const chunks: string[][] = [];
  for (let first = 0; first < pods.length; first += podsInQuery) {
    chunks.push(pods.slice(first, first + podsInQuery));
  }
  return from(chunks).pipe(concatMap(ask), toArray());
}
