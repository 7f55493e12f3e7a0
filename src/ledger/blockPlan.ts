import { catchError, map, type Observable, of, switchMap } from 'rxjs';

import { countryLabels } from '../domain/countries';
import { lengthOf } from '../domain/span';
import { countLinesExpr, unsplit } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type Counts, type CountSeries } from '../upstream/loki';
import { type Block, divided, evaluationOf, spanOf, windowOf } from './blocks';
import { type LoaderDependencies } from './loadEvent';
import { TilePlanner, type WindowLines } from './tilePlanner';

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
}

/** Parts of a window that are tried where a stream has too many keys in a whole one. */
const divisions = [1, 2, 4];

const hourMs = 3_600_000;

/**
 * How to read a block in tiles, from the number of lines of its streams. Emits once: undefined where that can't be had, or where
 * reading piece by piece is as cheap. Errors where not even the lines of a single window can be counted.
 */
export function planBlock(block: Block, deps: LoaderDependencies): Observable<BlockPlan | undefined> {
  return density(block, deps).pipe(
    switchMap((linesPerMs) => (areDense(linesPerMs, deps) ? of(undefined) : countLines(block, deps))),
    map((partition) => partition && choose(block, partition, deps))
  );
}

/**
 * Lines an ms, as far as is known: where they are dense, to count all of them first does not pay. One window in the middle tells,
 * where no block before does.
 */
function density(block: Block, { client, family, tileSizer }: LoaderDependencies): Observable<number> {
  if (tileSizer.linesPerMs !== undefined) {
    return of(tileSizer.linesPerMs);
  }
  const { windowMs, windows } = block;
  const { end } = windowOf(block, Math.floor(windows / 2));
  return client
    .counts(countLinesExpr(family, windowMs, 1), end, end, 1)
    .pipe(map(({ series }) => totalOf(series) / windowMs));
}

function areDense(linesPerMs: number, { family, sizer }: LoaderDependencies): boolean {
  return family.extract !== undefined && sizer.areDense(linesPerMs);
}

/** An answer that Loki says it computed as one. Of one that was merged of parts in time, samples can lack. */
export function isWhole({ splits }: Counts): boolean {
  return splits !== undefined && splits <= 1;
}

function countLines(
  block: Block,
  { client, family, tileSizer }: LoaderDependencies
): Observable<Partition | undefined> {
  const { first, last, offsetMs, unsplitMs } = evaluationOf(block);
  const expr = unsplit(countLinesExpr(family, block.windowMs, offsetMs), family.selector, unsplitMs);
  return client.counts(expr, first, last, block.windowMs).pipe(
    map((counts) => {
      if (!isWhole(counts) || counts.warnings) {
        throw new UpstreamError('malformed', 'the lines of a block were not counted as one');
      }
      return partitionOf(counts.series, block, (time) => (time - first) / block.windowMs);
    }),
    catchError(() => {
      tileSizer.learnBlock(false);
      return of(undefined);
    })
  );
}

/** By the one of the country labels that most lines have. */
function partitionOf(series: readonly CountSeries[], { windows }: Block, indexOf: (time: number) => number): Partition {
  const linesWith = (label: string) => totalOf(series.filter(({ labels }) => labels[label]));
  const byLines = countryLabels.map((label) => ({ label, lines: linesWith(label) })).sort((a, b) => b.lines - a.lines);
  const label = byLines[0]?.label ?? countryLabels[0];
  const lines = new Map<string | undefined, WindowLines>();
  for (const { labels, samples } of series) {
    const value = labels[label] || undefined;
    const own = lines.get(value) ?? new Float64Array(windows);
    lines.set(value, own);
    for (const [time, count] of samples) {
      const index = indexOf(time);
      own[index] = (own[index] ?? 0) + count;
    }
  }
  return { label, lines };
}

function totalOf(series: readonly CountSeries[]): number {
  return series.flatMap(({ samples }) => samples).reduce((sum, [, count]) => sum + count, 0);
}

function choose(block: Block, partition: Partition, deps: LoaderDependencies): BlockPlan | undefined {
  const { lines } = partition;
  const all = [...lines.values()].flatMap((own) => [...own]).reduce((sum, own) => sum + own, 0);
  deps.tileSizer.linesPerMs = all / lengthOf(spanOf(block));
  if (areDense(deps.tileSizer.linesPerMs, deps)) {
    return undefined;
  }
  // Parts of a window save nothing where the streams can't be told apart: such pieces are found as well without a plan.
  const candidates = lines.size > 1 && block.windowMs > hourMs ? divisions : [1];
  for (const parts of candidates) {
    const own = divided(block, parts);
    const linesOfParts = new Map(
      Array.from(lines, ([value, ofWindows]) => [
        value,
        Float64Array.from({ length: own.windows }, (_, index) => (ofWindows[Math.floor(index / parts)] ?? 0) / parts),
      ])
    );
    const planner = new TilePlanner(linesOfParts, own.windows, own.windowMs, deps.tileSizer);
    if (planner.fits) {
      return { block: own, planner, partition };
    }
  }
  return undefined;
}
