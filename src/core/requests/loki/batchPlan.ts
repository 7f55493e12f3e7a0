import { catchError, map, type Observable, of, switchMap, tap } from 'rxjs';

import { countryLabels } from '../../domain/countries';
import { lengthOf } from '../../domain/span';
import { type LineFamily } from '../../expr/logql';
import { toUpstreamError } from '../../upstream/errors';
import { type CountSeries } from '../../upstream/loki';
import { type Reading } from './lookBack';
import { isNotTaken, readLineCounts, readTile, totalOf } from './queries';
import { TilePlanner, type WindowLines } from './tilePlanner';
import { type Block, divided, evaluationOf, partOf, spanOf } from './windows';

/** A block, and how to read it. */
export interface BlockPlan {
  block: Block;
  planner: TilePlanner;
  partition: Partition;
}

/** How many lines a block has. */
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

const hourMs = 3_600_000;

/**
 * How to read a block in tiles, from the number of lines of its streams. Emits once: undefined where that can't be had, or where
 * reading piece by piece is as cheap. Errors where not even the lines of a single window can be counted.
 */
export function planBlock(block: Block, reading: Reading): Observable<BlockPlan | undefined> {
  return density(block, reading).pipe(
    switchMap((known) => (areDense(known, reading) ? of(undefined) : countLines(block, reading))),
    switchMap((partition) => (partition ? planOf(block, partition, reading) : of(undefined)))
  );
}

/** Before anything is known of the keys, the largest part of a window tells whether they are as many as the lines. */
function planOf(block: Block, partition: Partition, reading: Reading): Observable<BlockPlan | undefined> {
  const { estimate } = reading;
  const plan = choose(block, partition, reading);
  if (plan || estimate.knowsKeys || areDense(linesPerMs(block, partition), reading)) {
    return of(plan);
  }
  const planner = plannerOf(block, partition, 1, reading);
  const tile = planner.largest();
  return readTile(partOf(block, tile), { label: partition.label, ...planner.streamsOf(tile) }, reading).pipe(
    tap(({ series, engineMs }) => estimate.learnTile(planner.linesOf(tile), series.length, block.windowMs, engineMs)),
    map(({ series }) => (series.length > 0 ? choose(block, partition, reading) : undefined)),
    catchError(() => of(undefined))
  );
}

/**
 * Lines an ms, as far as is known: where they are dense, to count all of them first does not pay. One window in the middle tells,
 * where no block before does, and where lines can be read at all.
 */
function density(block: Block, reading: Reading): Observable<number> {
  const { family, estimate } = reading;
  if (!family.extract || estimate.linesPerMs !== undefined) {
    return of(estimate.linesPerMs ?? 0);
  }
  const middle = partOf(block, { first: Math.floor(block.windows / 2), windows: 1 });
  return readLineCounts(middle, reading).pipe(
    map(({ series }) => totalOf(keyedAmong(series, family)) / block.windowMs)
  );
}

function areDense(density: number, { family, estimate }: Reading): boolean {
  return family.extract !== undefined && estimate.areDense(density);
}

function countLines(block: Block, reading: Reading): Observable<Partition | undefined> {
  const { first } = evaluationOf(block);
  return readLineCounts(block, reading).pipe(
    map(({ series, warnings }) =>
      warnings ? undefined : partitionOf(series, reading.family, block, (time) => (time - first) / block.windowMs)
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
  { windows }: Block,
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

function linesPerMs(block: Block, { keyed }: Partition): number {
  const all = [...keyed.values()].flatMap((own) => [...own]).reduce((sum, own) => sum + own, 0);
  return all / lengthOf(spanOf(block));
}

function choose(block: Block, partition: Partition, reading: Reading): BlockPlan | undefined {
  const density = linesPerMs(block, partition);
  const isDense = areDense(density, reading);
  reading.estimate.linesPerMs = isDense ? undefined : density;
  if (isDense) {
    return undefined;
  }
  // Parts of a window save nothing where the streams can't be told apart: such pieces are found as well without a plan.
  const candidates = partition.lines.size > 1 && block.windowMs > hourMs ? divisions : [1];
  return candidates
    .map((parts) => ({
      block: divided(block, parts),
      planner: plannerOf(block, partition, parts, reading),
      partition,
    }))
    .find(({ planner }) => planner.fits);
}

/** For the windows of a block in some parts, over which their lines are taken to be spread evenly. */
function plannerOf(block: Block, { keyed }: Partition, parts: number, { estimate }: Reading): TilePlanner {
  const { windows, windowMs } = divided(block, parts);
  const spread = (own: WindowLines) =>
    Float64Array.from({ length: windows }, (_, index) => (own[Math.floor(index / parts)] ?? 0) / parts);
  const linesOfParts = new Map(Array.from(keyed, ([value, own]) => [value, spread(own)]));
  return new TilePlanner(linesOfParts, windows, windowMs, estimate);
}
