import { type Estimate } from './estimate';

/** Some of the streams, by the values of one label, in some adjacent windows of a batch. */
export interface BatchQuery {
  /** Undefined for the streams that have none of the values that occur in the batch. */
  values: ReadonlyArray<string | undefined>;
  /** Number of the first window, from 0 on. */
  first: number;
  windows: number;
}

/** Lines of some streams, by window. */
export type WindowLines = Float64Array;

/** Streams that are not yet part of a query, from one of the windows to the end of the batch. */
interface Column {
  value: string | undefined;
  first: number;
}

/**
 * Divides a batch into queries that Loki can answer, the next one when it is asked for, with what was learned by then. Every
 * stream belongs to one query in each window: no line is read twice, and together the queries are the batch.
 */
export class BatchPlanner {
  private columns: Column[];
  /** Halves of queries that turned out to be too large. */
  private readonly ready: BatchQuery[] = [];

  /** `lines` by the values of the label, `undefined` for streams that have none of them; each of `windows` windows. */
  constructor(
    private readonly lines: ReadonlyMap<string | undefined, WindowLines>,
    private readonly windows: number,
    private readonly windowMs: number,
    private readonly estimate: Estimate
  ) {
    this.columns = [...new Set([undefined, ...lines.keys()])].map((value) => ({ value, first: 0 }));
  }

  /** True when a query can hold a window of each of the columns, and as much again. */
  fits(window: number): boolean {
    return [...this.lines.keys()].every((value) => this.shareOf(value, window) <= 0.5);
  }

  /** The column that would use most of a query, in one window. */
  largestIn(first: number): BatchQuery {
    const [value] = [...this.lines.keys()].sort((a, b) => this.shareOf(b, first) - this.shareOf(a, first));
    return { values: [value], first, windows: 1 };
  }

  next(): BatchQuery | undefined {
    const ready = this.ready.shift();
    if (ready) {
      return ready;
    }
    const sized = this.columns.map((column) => ({ column, fill: this.fillOf(column, this.windows) }));
    sized.sort((a, b) => b.fill - a.fill);
    const whole = sized.filter(({ fill }) => fill <= 1);
    if (whole.length > 0) {
      return this.fillUp(whole);
    }
    // In turns, so that what one part of a column teaches is known when the next one is cut.
    const [next] = sized.sort((a, b) => a.column.first - b.column.first);
    return next && this.cut(next.column, next.fill);
  }

  /** A query of whole columns: the largest one, and the largest of the others that have as many windows left and still go in. */
  private fillUp(whole: ReadonlyArray<{ column: Column; fill: number }>): BatchQuery {
    const first = whole[0]?.column.first ?? 0;
    let full = 0;
    const chosen = whole.flatMap(({ column, fill }) => {
      if (column.first !== first || full + fill > 1) {
        return [];
      }
      full += fill;
      return [column];
    });
    this.columns = this.columns.filter((column) => !chosen.includes(column));
    return { values: chosen.map(({ value }) => value), first, windows: this.windows - first };
  }

  /** A query of the first windows of a column that is too large as a whole; parts that are about equal. */
  private cut(column: Column, fill: number): BatchQuery {
    const { first, value } = column;
    const share = Math.ceil((this.windows - first) / Math.ceil(fill));
    let windows = 1;
    while (windows < share && this.fillOf(column, first + windows + 1) <= 1) {
      windows += 1;
    }
    column.first += windows;
    if (column.first === this.windows) {
      this.columns = this.columns.filter((other) => other !== column);
    }
    return { values: [value], first, windows };
  }

  /** Has the halves of a query read instead of it; false when it can't be divided. */
  halve(query: BatchQuery): boolean {
    const { values, first, windows } = query;
    if (values.length > 1) {
      // They stand in the order of their size.
      for (const half of [0, 1]) {
        this.ready.push({ ...query, values: values.filter((_, index) => index % 2 === half) });
      }
      return true;
    }
    if (windows > 1) {
      const half = Math.ceil(windows / 2);
      this.ready.push({ ...query, windows: half }, { ...query, first: first + half, windows: windows - half });
      return true;
    }
    return false;
  }

  /** Streams of a query: those whose label has one of the values, or has none of them. */
  streamsOf({ values }: BatchQuery): { values: readonly string[]; has: boolean } {
    const isIn = new Set(values);
    const has = !isIn.has(undefined);
    const known = [...this.lines.keys()].flatMap((value) => value ?? []);
    return { values: known.filter((value) => isIn.has(value) === has), has };
  }

  /** Lines of a query by value. */
  linesOf({ values, first, windows }: BatchQuery): Map<string | undefined, number> {
    return new Map(values.map((value) => [value, this.linesIn(value, first, first + windows)]));
  }

  private shareOf(value: string | undefined, window: number): number {
    return this.fillOf({ value, first: window }, window + 1);
  }

  private fillOf({ value, first }: Column, end: number): number {
    return this.estimate.shareOfLimit(value, this.linesIn(value, first, end), (end - first) * this.windowMs);
  }

  private linesIn(value: string | undefined, first: number, end: number): number {
    return (
      this.lines
        .get(value)
        ?.subarray(first, end)
        .reduce((sum, own) => sum + own, 0) ?? 0
    );
  }
}
