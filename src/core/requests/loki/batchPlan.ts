import { catchError, map, type Observable, of, switchMap, tap } from 'rxjs';

import { countryLabels } from '../../domain/countries';
import { hourMs } from '../../domain/duration';
import { lengthOf } from '../../domain/span';
import { type LineFamily } from '../../expr/logql';
import { toUpstreamError } from '../../upstream/errors';
import { type CountSeries } from '../../upstream/loki';
import { BatchPlanner, type WindowLines } from './batchQueries';
import { type Reading } from './lookBack';
import { isNotTaken, readLineCounts, readBatchQuery, totalOf } from './queries';
import { type Batch, divided, evaluationOf, partOf, spanOf } from './windows';

/** A batch, and how to read it. */
export interface BatchPlan {
  batch: Batch;
  planner: BatchPlanner;
  partition: Partition;
}

/** How many lines a batch has. */
export interface Partition {
  /** Label by whose values its streams are told apart. */
  label: string;
  /** By these values; `undefined` for streams without one. */
  lines: ReadonlyMap<string | undefined, WindowLines>;
  /** Of these, the ones that may each be a key of its own, by the same values. */
  keyed: ReadonlyMap<string | undefined, WindowLines>;
}

/** Parts of a window that are tried where a stream has too many keys in a whole one. */
const divisions = [1, 2, 4];

/**
 * How to read a batch, from the number of lines of its streams. Emits once: undefined where that can't be had, or where
 * reading in splits is as cheap. Errors where not even the lines of a single window can be counted.
 */
export function planBatch(batch: Batch, reading: Reading): Observable<BatchPlan | undefined> {
  return density(batch, reading).pipe(
    switchMap((known) => (areDense(known, reading) ? of(undefined) : countLines(batch, reading))),
    switchMap((partition) => (partition ? planOf(batch, partition, reading) : of(undefined)))
  );
}

/** Before anything is known of the keys, the largest part of a window tells whether they are as many as the lines. */
function planOf(batch: Batch, partition: Partition, reading: Reading): Observable<BatchPlan | undefined> {
  const { estimate } = reading;
  const plan = choose(batch, partition, reading);
  if (plan || estimate.knowsKeys || areDense(linesPerMs(batch, partition), reading)) {
    return of(plan);
  }
  const planner = plannerOf(batch, partition, 1, reading);
  const query = planner.largest();
  return readBatchQuery(partOf(batch, query), { label: partition.label, ...planner.streamsOf(query) }, reading).pipe(
    tap(({ series, engineMs }) =>
      estimate.learnBatchQuery(planner.linesOf(query), series.length, batch.windowMs, engineMs)
    ),
    map(({ series }) => (series.length > 0 ? choose(batch, partition, reading) : undefined)),
    catchError(() => of(undefined))
  );
}

/**
 * Lines an ms, as far as is known: where they are dense, to count all of them first does not pay. One window in the middle tells,
 * where no batch before does, and where lines can be read at all.
 */
function density(batch: Batch, reading: Reading): Observable<number> {
  const { family, estimate } = reading;
  if (!family.extract || estimate.linesPerMs !== undefined) {
    return of(estimate.linesPerMs ?? 0);
  }
  const middle = partOf(batch, { first: Math.floor(batch.windows / 2), windows: 1 });
  return readLineCounts(middle, reading).pipe(
    map(({ series }) => totalOf(keyedAmong(series, family)) / batch.windowMs)
  );
}

function areDense(density: number, { family, estimate }: Reading): boolean {
  return family.extract !== undefined && estimate.areDense(density);
}

function countLines(batch: Batch, reading: Reading): Observable<Partition | undefined> {
  const { first } = evaluationOf(batch);
  return readLineCounts(batch, reading).pipe(
    map(({ series, warnings }) =>
      warnings ? undefined : partitionOf(series, reading.family, batch, (time) => (time - first) / batch.windowMs)
    ),
    catchError((error: unknown) => {
      if (isNotTaken(toUpstreamError(error))) {
        reading.estimate.learnBatch(false);
      }
      return of(undefined);
    })
  );
}

/** By the one of the country labels that most lines have. */
function partitionOf(
  series: readonly CountSeries[],
  family: LineFamily,
  { windows }: Batch,
  indexOf: (time: number) => number
): Partition {
  const linesWith = (label: string) => totalOf(series.filter(({ labels }) => labels[label]));
  const byLines = countryLabels.map((label) => ({ label, lines: linesWith(label) })).sort((a, b) => b.lines - a.lines);
  const label = byLines[0]?.label ?? countryLabels[0];
  const values = new Set(series.map(({ labels }) => labels[label] || undefined));
  const sumsOf = (some: readonly CountSeries[]) => {
    const sums = new Map(Array.from(values, (value) => [value, new Float64Array(windows)] as const));
    for (const { labels, samples } of some) {
      const own = sums.get(labels[label] || undefined) as WindowLines;
      for (const [time, count] of samples) {
        const index = indexOf(time);
        own[index] = (own[index] ?? 0) + count;
      }
    }
    return sums;
  };
  return { label, lines: sumsOf(series), keyed: sumsOf(keyedAmong(series, family)) };
}

function keyedAmong(series: readonly CountSeries[], { uniform }: LineFamily): CountSeries[] {
  return series.filter(({ labels }) => uniform === undefined || !labels[uniform]);
}

function linesPerMs(batch: Batch, { keyed }: Partition): number {
  const all = [...keyed.values()].flatMap((own) => [...own]).reduce((sum, own) => sum + own, 0);
  return all / lengthOf(spanOf(batch));
}

function choose(batch: Batch, partition: Partition, reading: Reading): BatchPlan | undefined {
  const density = linesPerMs(batch, partition);
  const isDense = areDense(density, reading);
  reading.estimate.linesPerMs = isDense ? undefined : density;
  if (isDense) {
    return undefined;
  }
  // Parts of a window save nothing where the streams can't be told apart: such splits are found as well without a plan.
  const candidates = partition.lines.size > 1 && batch.windowMs > hourMs ? divisions : [1];
  return candidates
    .map((parts) => ({
      batch: divided(batch, parts),
      planner: plannerOf(batch, partition, parts, reading),
      partition,
    }))
    .find(({ planner }) => planner.fits);
}

/** For the windows of a batch in some parts, over which their lines are taken to be spread evenly. */
function plannerOf(batch: Batch, { keyed }: Partition, parts: number, { estimate }: Reading): BatchPlanner {
  const { windows, windowMs } = divided(batch, parts);
  const spread = (own: WindowLines) =>
    Float64Array.from({ length: windows }, (_, index) => (own[Math.floor(index / parts)] ?? 0) / parts);
  const linesOfParts = new Map(Array.from(keyed, ([value, own]) => [value, spread(own)]));
  return new BatchPlanner(linesOfParts, windows, windowMs, estimate);
}
