import { catchError, map, type Observable, of, switchMap, tap } from 'rxjs';

import { countryLabels } from '../domain/countries';
import { hourMs } from '../domain/duration';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { type Counts, type CountSeries } from '../upstream/loki';
import { type Estimate } from './estimate';
import { type Reading } from './lookBack';
import { isNotTaken, readBatchQuery, estimateLineCounts, type Streams, totalOf } from './queries';
import { type Batch, divided, evaluationOf, partOf, runsOf, type Windows } from './windows';

/** Lines of some streams, by window. */
export type WindowLines = Float64Array;

/** How many lines a batch has. */
export interface Partition {
  /** Label by whose values its streams are told apart. */
  label: string;
  /** By these values; `undefined` for streams without one. */
  lines: ReadonlyMap<string | undefined, WindowLines>;
  /** Of these, the ones that may each be a key of its own, by the same values. */
  keyed: ReadonlyMap<string | undefined, WindowLines>;
}

/** Some of the streams, by the values of one label, in some adjacent windows of a batch. */
export interface BatchQuery extends Windows {
  /** Undefined for the streams that have none of the values that occur in the batch. */
  values: ReadonlyArray<string | undefined>;
}

/** Streams that are not yet part of a query, from one of the windows to before another one. */
interface Column {
  value: string | undefined;
  first: number;
  end: number;
}

/** Parts of a window that are tried where a stream has too many keys in a whole one. */
const divisions = [1, 2, 4];

/**
 * Divides a batch into queries that Loki can answer, the next one when it is asked for, with what was learned by then. Every
 * stream belongs to one query in each window, so that no line is read twice. Windows with too many keys belong to none.
 */
export class BatchPlan {
  /** Whose windows it reads. */
  readonly batch: Batch;
  /** How many of them. */
  readonly windows: number;
  private columns: Column[];
  /** Halves of queries that turned out to be too large. */
  private readonly ready: BatchQuery[] = [];

  /** Each window of `whole` is read in some parts, over which its lines are taken to be spread evenly. */
  constructor(
    whole: Batch,
    readonly partition: Partition,
    private readonly parts: number,
    private readonly estimate: Estimate
  ) {
    this.batch = divided(whole, parts);
    const values = [...new Set([undefined, ...partition.keyed.keys()])];
    // A query can hold a window of each column, and as much again.
    const fits = (first: number) => values.every((value) => this.fillOf({ value, first, end: first + 1 }) <= 0.5);
    const runs = runsOf(this.batch.windows, fits);
    this.windows = runs.reduce((sum, { windows }) => sum + windows, 0);
    this.columns = runs.flatMap(({ first, windows }) =>
      values.map((value) => ({ value, first, end: first + windows }))
    );
  }

  next(): BatchQuery | undefined {
    const ready = this.ready.shift();
    if (ready) {
      return ready;
    }
    const sized = this.columns.map((column) => ({ column, fill: this.fillOf(column) }));
    sized.sort((a, b) => b.fill - a.fill);
    const whole = sized.filter(({ fill }) => fill <= 1);
    if (whole.length > 0) {
      return this.fillUp(whole);
    }
    // In turns, so that what one part of a column teaches is known when the next one is cut.
    const [next] = sized.sort((a, b) => a.column.first - b.column.first);
    return next && this.cut(next.column, next.fill);
  }

  /** A query of whole columns: the largest one, and the largest of the others that are about the same windows and still go in. */
  private fillUp(whole: ReadonlyArray<{ column: Column; fill: number }>): BatchQuery {
    const { first, end } = whole[0]?.column ?? { first: 0, end: 0 };
    let full = 0;
    const chosen = whole.flatMap(({ column, fill }) => {
      if (column.first !== first || column.end !== end || full + fill > 1) {
        return [];
      }
      full += fill;
      return [column];
    });
    this.columns = this.columns.filter((column) => !chosen.includes(column));
    return { values: chosen.map(({ value }) => value), first, windows: end - first };
  }

  /** A query of the first windows of a column that is too large as a whole; parts that are about equal. */
  private cut(column: Column, fill: number): BatchQuery {
    const { value, first, end } = column;
    const share = Math.ceil((end - first) / Math.ceil(fill));
    let windows = 1;
    while (windows < share && this.fillOf({ value, first, end: first + windows + 1 }) <= 1) {
      windows += 1;
    }
    column.first += windows;
    this.columns = this.columns.filter((other) => other.first < other.end);
    return { values: [value], first, windows };
  }

  /** Has the halves of a query read instead of it; what can't be divided is not read. */
  halve(query: BatchQuery): void {
    const { values, first, windows } = query;
    if (values.length > 1) {
      // They stand in the order of their size.
      for (const half of [0, 1]) {
        this.ready.push({ ...query, values: values.filter((_, index) => index % 2 === half) });
      }
    } else if (windows > 1) {
      const half = Math.ceil(windows / 2);
      this.ready.push({ ...query, windows: half }, { ...query, first: first + half, windows: windows - half });
    }
  }

  /** Streams of a query: those whose label has one of the values, or has none of them. */
  streamsOf({ values }: BatchQuery): Streams {
    const { label, keyed } = this.partition;
    const isIn = new Set(values);
    const has = !isIn.has(undefined);
    const known = [...keyed.keys()].flatMap((value) => value ?? []);
    return { label, values: known.filter((value) => isIn.has(value) === has), has };
  }

  /** Lines of a query that may be keys, by value. */
  linesOf({ values, first, windows }: BatchQuery): Map<string | undefined, number> {
    return new Map(values.map((value) => [value, this.linesIn({ value, first, end: first + windows })]));
  }

  private fillOf(column: Column): number {
    const { value, first, end } = column;
    return this.estimate.shareOfLimit(value, this.linesIn(column), (end - first) * this.batch.windowMs);
  }

  private linesIn({ value, first, end }: Column): number {
    const own = this.partition.keyed.get(value);
    let sum = 0;
    for (let index = first; index < end; index += 1) {
      sum += (own?.[Math.floor(index / this.parts)] ?? 0) / this.parts;
    }
    return sum;
  }
}

/**
 * The number of lines of a batch. Emits once: undefined where that can't be had in this way, and `dense` where nearly each line is a key of
 * its own, so that the lines are read themselves. Errors where not even the lines of a single window can be counted.
 */
export function countBatch(batch: Batch, reading: Reading): Observable<Partition | 'dense' | undefined> {
  const { family, estimate } = reading;
  return isWorthCounting(batch, reading).pipe(
    switchMap((isWorth) => (isWorth ? countLines(batch, reading) : of('dense' as const))),
    map((partition) => {
      if (partition === 'dense' || !partition) {
        return partition;
      }
      estimate.linesPerMs = usualWindow(partition, batch.windows).lines / batch.windowMs;
      estimate.isSparse = !(family.extract && estimate.areDense(estimate.linesPerMs));
      return estimate.isSparse ? partition : 'dense';
    })
  );
}

/** Where lines are dense, to count all of them first does not pay. One window in the middle tells, where no batch before does. */
function isWorthCounting(batch: Batch, reading: Reading): Observable<boolean> {
  const { family, estimate } = reading;
  if (!family.extract || estimate.isSparse) {
    return of(true);
  }
  const middle = partOf(batch, { first: Math.floor(batch.windows / 2), windows: 1 });
  return estimateLineCounts(middle, reading).pipe(
    map(({ series }) => {
      estimate.linesPerMs = totalOf(keyedAmong(series, family)) / batch.windowMs;
      return !estimate.areDense(estimate.linesPerMs);
    })
  );
}

function countLines(batch: Batch, reading: Reading): Observable<Partition | undefined> {
  return estimateLineCounts(batch, reading).pipe(
    map((counts) => (counts.warnings ? undefined : partitionOf(counts, reading.family, batch))),
    catchError((error: unknown) => {
      if (isNotTaken(toUpstreamError(error))) {
        reading.estimate.learnBatch(false);
      }
      return of(undefined);
    })
  );
}

/** By the one of the country labels that most lines have. */
function partitionOf({ series }: Counts, family: LineFamily, batch: Batch): Partition {
  const { first } = evaluationOf(batch);
  const linesWith = (label: string) => totalOf(series.filter(({ labels }) => labels[label]));
  const byLines = countryLabels.map((label) => ({ label, lines: linesWith(label) })).sort((a, b) => b.lines - a.lines);
  const label = byLines[0]?.label ?? countryLabels[0];
  const values = new Set(series.map(({ labels }) => labels[label] || undefined));
  const sumsOf = (some: readonly CountSeries[]) => {
    const sums = new Map(Array.from(values, (value) => [value, new Float64Array(batch.windows)] as const));
    for (const { labels, samples } of some) {
      const own = sums.get(labels[label] || undefined) as WindowLines;
      for (const [time, count] of samples) {
        const index = (time - first) / batch.windowMs;
        own[index] = (own[index] ?? 0) + count;
      }
    }
    return sums;
  };
  return { label, lines: sumsOf(series), keyed: sumsOf(keyedAmong(series, family)) };
}

function keyedAmong(series: readonly CountSeries[], { uniform }: LineFamily): CountSeries[] {
  return series.filter(({ labels }) => uniform.every((label) => !labels[label]));
}

/** The window in the middle of all, by the number of lines: a day of attacks says nothing about the others. */
function usualWindow({ keyed }: Partition, windows: number): { first: number; lines: number } {
  const all = Array.from({ length: windows }, (_, first) => ({
    first,
    lines: [...keyed.values()].reduce((sum, own) => sum + (own[first] ?? 0), 0),
  }));
  all.sort((a, b) => a.lines - b.lines);
  return all[Math.floor(windows / 2)] ?? { first: 0, lines: 0 };
}

/**
 * How to read a batch with so many lines. Where most windows could not be read if each line were another key, and nothing is known
 * of the keys yet, the largest part of a usual window tells how many they are. Emits once: undefined where no window can be read together with others.
 */
export function planBatch(batch: Batch, partition: Partition, reading: Reading): Observable<BatchPlan | undefined> {
  const { estimate } = reading;
  const plan = choose(batch, partition, estimate);
  if (estimate.knowsKeys || plan.windows > plan.batch.windows / 2) {
    return of(plan.windows > 0 ? plan : undefined);
  }
  const { first } = usualWindow(partition, batch.windows);
  const byLines = [...partition.keyed].sort(([, a], [, b]) => (b[first] ?? 0) - (a[first] ?? 0));
  const query: BatchQuery = { values: [byLines[0]?.[0]], first, windows: 1 };
  const whole = new BatchPlan(batch, partition, 1, estimate);
  return readBatchQuery(partOf(batch, query), whole.streamsOf(query), reading).pipe(
    tap(({ series, engineMs }) =>
      estimate.learnBatchQuery(whole.linesOf(query), series.length, batch.windowMs, engineMs)
    ),
    map(({ series }) => (series.length > 0 ? choose(batch, partition, estimate) : undefined)),
    catchError(() => of(undefined))
  );
}

/** The plan with most windows, in as few parts as possible. */
function choose(batch: Batch, partition: Partition, estimate: Estimate): BatchPlan {
  // Parts of a window save nothing where the streams can't be told apart: such splits are found as well without a plan.
  const candidates = partition.lines.size > 1 && batch.windowMs > hourMs ? divisions : [1];
  return candidates
    .map((parts) => new BatchPlan(batch, partition, parts, estimate))
    .reduce((best, plan) => (plan.windows / plan.batch.windows > best.windows / best.batch.windows ? plan : best));
}
