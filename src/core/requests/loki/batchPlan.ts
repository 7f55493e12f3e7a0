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
import { type Batch, divided, evaluationOf, partOf, runsOf, spanOf, type Windows } from './windows';

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
 * How to read a batch, from the number of lines of its streams. Emits once: plans of parts of the batch, ascending. What they do not cover
 * is for others: windows with too much for it, and all of them where the lines can't be counted in this way, or where
 * reading in splits is as cheap. Errors where not even the lines of a single window can be counted.
 */
export function planBatch(batch: Batch, reading: Reading): Observable<BatchPlan[]> {
  return density(batch, reading).pipe(
    switchMap((known) => (areDense(known, reading) ? of(undefined) : countLines(batch, reading))),
    switchMap((partition) => (partition ? planOf(batch, partition, reading) : of([])))
  );
}

/** Before anything is known of the keys, a part of a usual window tells whether they are as many as the lines. */
function planOf(batch: Batch, partition: Partition, reading: Reading): Observable<BatchPlan[]> {
  const { estimate } = reading;
  const usual = usualWindow(partition, batch.windows);
  const density = usual.lines / batch.windowMs;
  const isDense = areDense(density, reading);
  estimate.linesPerMs = isDense ? undefined : density;
  if (isDense) {
    return of([]);
  }
  const plans = choose(batch, partition, reading);
  const covered = plans.reduce((sum, plan) => sum + lengthOf(spanOf(plan.batch)), 0);
  if (estimate.knowsKeys || covered === lengthOf(spanOf(batch))) {
    return of(plans);
  }
  const planner = plannerOf(batch, partition, 1, reading);
  const query = planner.largestIn(usual.index);
  return readBatchQuery(partOf(batch, query), { label: partition.label, ...planner.streamsOf(query) }, reading).pipe(
    tap(({ series, engineMs }) =>
      estimate.learnBatchQuery(planner.linesOf(query), series.length, batch.windowMs, engineMs)
    ),
    map(({ series }) => (series.length > 0 ? choose(batch, partition, reading) : [])),
    catchError(() => of([]))
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

/** The window with as many lines as most: a day of attacks says nothing about the others. */
function usualWindow({ keyed }: Partition, windows: number): { index: number; lines: number } {
  const sums = Array.from({ length: windows }, (_, index) => ({
    index,
    lines: [...keyed.values()].reduce((sum, own) => sum + (own[index] ?? 0), 0),
  }));
  sums.sort((a, b) => a.lines - b.lines);
  return sums[Math.floor(windows / 2)] ?? { index: 0, lines: 0 };
}

/** Plans of all windows that a query can hold twice, as they are or in parts. */
function choose(batch: Batch, partition: Partition, reading: Reading): BatchPlan[] {
  // Parts of a window save nothing where the streams can't be told apart: such splits are found as well without a plan.
  const candidates = partition.lines.size > 1 && batch.windowMs > hourMs ? divisions : [1];
  const finest = candidates[candidates.length - 1] ?? 1;
  const smallest = plannerOf(batch, partition, finest, reading);
  return runsOf(batch.windows, (index) => smallest.fits(index * finest)).flatMap((run) => {
    const own = sliced(partition, run);
    const part = partOf(batch, run);
    const parts = candidates.find((count) => {
      const planner = plannerOf(part, own, count, reading);
      return Array.from({ length: run.windows }, (_, index) => index * count).every((index) => planner.fits(index));
    });
    return parts === undefined
      ? []
      : [{ batch: divided(part, parts), planner: plannerOf(part, own, parts, reading), partition: own }];
  });
}

/** Some adjacent windows of a partition. */
function sliced({ label, lines, keyed }: Partition, { first, windows }: Windows): Partition {
  const cut = (all: Partition['lines']) =>
    new Map(Array.from(all, ([value, own]) => [value, own.subarray(first, first + windows)]));
  return { label, lines: cut(lines), keyed: cut(keyed) };
}

/** For the windows of a batch in some parts, over which their lines are taken to be spread evenly. */
function plannerOf(batch: Batch, { keyed }: Partition, parts: number, { estimate }: Reading): BatchPlanner {
  const { windows, windowMs } = divided(batch, parts);
  const spread = (own: WindowLines) =>
    Float64Array.from({ length: windows }, (_, index) => (own[Math.floor(index / parts)] ?? 0) / parts);
  const linesOfParts = new Map(Array.from(keyed, ([value, own]) => [value, spread(own)]));
  return new BatchPlanner(linesOfParts, windows, windowMs, estimate);
}
