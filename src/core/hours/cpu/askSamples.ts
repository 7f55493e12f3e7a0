import { catchError, concatMap, forkJoin, from, map, type Observable, tap, throwError, toArray } from 'rxjs';

import { type CpuWindow, samplesOfPods } from '../../expr/promqlCpu';
import { toUpstreamError, UpstreamError } from '../../upstream/errors';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { askInOrder } from '../inOrder';
import { type WindowRun, windowsOf } from '../windows';
import { allSamples, type Container, containersByPod } from './counters/containers';
import { lastAt } from './counters/containerUse';
import { containersIn, PodSamples, type ReadBatch } from './podSamples';
import { podName } from './podValues';
import {
  batchesOf,
  covers,
  expectedIn,
  holds,
  type KnownTotal,
  type SampleBatch,
  smallerThan,
  type WantedSamples,
} from './sampleBatches';

/** Queries that wait for their turn at the gate at most, so that those of other panels are not behind all of them. */
const queriesAhead = 2;

/** What an engine, or something on the way, says of a query or an answer that is too large for it. */
const isTooLarge = ({ kind }: UpstreamError) => kind === 'bad-request' || kind === 'size-limit';

/**
 * Reads the containers of the pods that are wanted for each window of a run: the samples in (start − lookback, end] of the
 * window. Values that are not finite are left out. An answer that does not show what is known is not taken. Errors like the
 * client.
 *
 * @param shownMs how far before a window the samples begin that show what is known
 */
export function askPodSamples(
  client: PrometheusClient,
  shape: CpuWindow,
  run: WindowRun,
  wanted: readonly WantedSamples[],
  shownMs = shape.lookbackMs
): Observable<PodSamples> {
  const windows = windowsOf(run);
  const { lookbackMs, scrapeMs } = shape;
  const expected = wanted.map((window) => expectedIn(window, scrapeMs));
  const askBatch = (batch: SampleBatch): Observable<ReadBatch> => {
    const start = windows[batch.first]?.start ?? 0;
    const end = windows[batch.last]?.end ?? 0;
    const pods = batch.pods === 'all' ? undefined : [...batch.pods];
    const read = (series: readonly PromSeries[]) => containersByPod(series, shape);
    const check = (series: readonly PromSeries[]) => {
      const containers = read(series);
      wanted.forEach((window, index) => {
        if (covers(batch, index)) {
          checkWindow(batch, window, (key) => containersIn(containers.get(key), windows[index], shownMs));
        }
      });
    };
    const selectors = samplesOfPods(shape, pods, end - start + lookbackMs);
    return samplesOf(client, selectors, end - 1, check).pipe(
      map((series) => ({ ...batch, containers: read(series) })),
      catchError((error: unknown) => {
        const smaller = isTooLarge(toUpstreamError(error)) ? smallerThan(batch, expected) : [];
        return smaller.length > 0 ? from(smaller).pipe(concatMap(askBatch)) : throwError(() => error);
      })
    );
  };
  return askInOrder(batchesOf(expected), (batch) => askBatch(batch).pipe(toArray()), queriesAhead).pipe(
    map((batches) => new PodSamples(batches.flat(), windows, lookbackMs))
  );
}

/** The samples that several selectors find. What one of them finds is only checked with what the others do. */
function samplesOf(
  client: PrometheusClient,
  selectors: readonly string[],
  time: number,
  check: (series: readonly PromSeries[]) => void
): Observable<readonly PromSeries[]> {
  const [only] = selectors;
  if (selectors.length === 1 && only !== undefined) {
    return client.samples(only, time, ({ series }) => check(series)).pipe(map(({ series }) => series));
  }
  return forkJoin(selectors.map((selector) => client.samples(selector, time))).pipe(
    map((results) => results.flatMap(({ series }) => series)),
    tap(check)
  );
}

/** Throws an `UpstreamError` unless the pods of a batch show what is known of them. */
function checkWindow(batch: SampleBatch, { pods }: WantedSamples, containersOf: (key: string) => Container[]): void {
  for (const [key, { shown }] of pods) {
    if (holds(batch, podName(key))) {
      const containers = containersOf(key);
      for (const one of shown) {
        if (!isShown(one, containers)) {
          const found = `${String(lastAt(containers, one.time)?.value)} instead of ${one.seconds} CPU seconds`;
          throw new UpstreamError('malformed', `samples of the pod ${JSON.stringify(podName(key))} show ${found}`);
        }
      }
    }
  }
}

/** Samples that were taken so shortly before may have come in after the sum was made. */
const lateMs = 300_000;

function isShown({ time, seconds }: KnownTotal, containers: readonly Container[]): boolean {
  const late = allSamples(containers).flatMap(([at]) => (at <= time && at > time - lateMs ? [at - 1] : []));
  return [time, ...late].some((at) => {
    const found = lastAt(containers, at)?.value ?? NaN;
    return Math.abs(found - seconds) <= 1e-9 * Math.max(1, Math.abs(seconds));
  });
}
