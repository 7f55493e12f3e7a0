import {
  catchError,
  concat,
  concatMap,
  defer,
  from,
  ignoreElements,
  map,
  type Observable,
  of,
  Subject,
  switchMap,
  takeUntil,
  tap,
} from 'rxjs';

import { meaningOf, toUpstreamError, type UpstreamError } from '../upstream/errors';
import { type Counts, type CountSeries } from '../upstream/loki';
import { type BatchPlan, type BatchQuery, countBatch, type Partition, planBatch, type WindowLines } from './batchPlan';
import { type Cell, CellBuilder } from './cell';
import { type CountReader, type ReadEvent } from './countReader';
import { readDense } from './dense';
import { totalOf } from './estimate';
import { type KeyTable } from './keyTable';
import { leave, lokiReader, type LokiSource, type Reading } from './lookBack';
import { isNotTaken, readBatchQuery } from './queries';
import { runTasks } from './taskQueue';
import { type Batch, batchesOf, evaluationOf, partOf, runsOf, spanOf, windowOf } from './windows';

/**
 * Queries of a batch that are asked for at the same time. Loki computes the two parts of such a query apart. Where one of them
 * fails while the other waits for one of its four workers, the worker that would take it pauses, up to 2 s (3.7.6: `processQueriesOnSingleStream` in
 * pkg/querier/worker/scheduler_processor.go).
 */
const queriesAhead = 2;

/** Queries of a batch that may fail; of a batch that is planned well, few do. */
const maxFailures = 20;

/**
 * Reads many windows by a query, where a range has many and Loki lets that be done; leaves the rest (specs/decisions/0013). Leaves with
 * the reason where not even the lines of a window could be counted. The same spans make the same queries, whoever asks, so that caches on the way
 * may answer some.
 */
export function batchReader(source: LokiSource): CountReader {
  return lokiReader(source, (spans, reading) => {
    const { estimate, family, grid } = reading;
    estimate.forgetKeys();
    // Lines tell when services were called, too, which who asks for quarter hours wants to know of each one.
    const areLines = grid.granularity === 'quarter' && family.extract !== undefined;
    const parts = spans.map((span) => batchesOf(span, grid, estimate.limits.maxLengthMs));
    let failure: UpstreamError | undefined;
    const count = (batch: Batch) =>
      (areLines
        ? of('dense' as const)
        : estimate.mayBatch && !failure
          ? countBatch(batch, reading)
          : of(undefined)
      ).pipe(
        catchError((error: unknown) => {
          failure = toUpstreamError(error);
          return of(undefined);
        }),
        map((partition) => ({ batch, partition }))
      );
    const read = ({ batch, partition }: { batch: Batch; partition?: Partition | 'dense' }): Observable<ReadEvent> => {
      if (partition === 'dense') {
        return readDense(batch, reading);
      }
      if (!partition || !estimate.mayBatch) {
        return of(leave(spanOf(batch), failure));
      }
      return planBatch(batch, partition, reading).pipe(
        switchMap((plan) => (plan ? readBatch(plan, reading) : readDense(batch, reading)))
      );
    };
    return concat(
      from(parts.flatMap(({ rest }) => rest.map((span) => leave(span)))),
      // While one is read, the lines of the next ones are counted.
      from(parts.flatMap(({ batches }) => batches)).pipe(concatMap(count), concatMap(read))
    );
  });
}

/**
 * Reads the windows of a batch by queries with an evaluation time per window, each of which Loki computes as one. The
 * lines of each window are compared with those that were counted before. Leaves windows where that does not work, for whatever
 * reason. Never errors.
 */
function readBatch(plan: BatchPlan, reading: Reading): Observable<ReadEvent> {
  const { batch, partition } = plan;
  const { family, estimate, table } = reading;
  const cells = new CellsBuilder(batch, partition.label, family.textOf, table);
  // The number of lines proves an answer, unless that of the number itself would pass for it: it says nothing of what the lines are.
  const proof = family.textOf({}) === '' ? { provenByCount: true as const } : {};
  const givenUp = new Subject<void>();
  let failures = 0;
  /** Whether batches can be read from this Loki; undefined where nothing shows. */
  let isTaken: boolean | undefined = true;

  const giveUp = (says?: false) => {
    isTaken = says;
    givenUp.next();
  };
  const take = (query: BatchQuery, { series, engineMs, warnings = [] }: Counts) => {
    const { first } = evaluationOf(partOf(batch, query));
    cells.add(series, (time) => query.first + (time - first) / batch.windowMs);
    cells.warn(query.first, query.windows, warnings);
    const lines = plan.linesOf(query);
    if (series.length === 0 && totalOf(lines) > 0) {
      // The label that tells the lines apart does not tell the streams apart.
      giveUp(false);
    } else {
      estimate.learnBatchQuery(lines, series.length, query.windows * batch.windowMs, engineMs);
    }
  };
  const fail = (query: BatchQuery, reason: UpstreamError) => {
    const lines = plan.linesOf(query);
    failures += 1;
    if (meaningOf(reason).splitHelps !== 'amount') {
      giveUp(isNotTaken(reason) ? false : undefined);
      return;
    }
    if (reason.kind === 'series-limit') {
      estimate.learnTooManyKeys(lines.keys(), reason.limit);
    } else {
      estimate.learnTooManyLines(totalOf(lines));
    }
    // A single window of one value that is too much leaves the batch, and no other does.
    plan.halve(query);
    if (failures > maxFailures) {
      giveUp();
    }
  };
  const read = (query: BatchQuery): Observable<() => void> =>
    readBatchQuery(partOf(batch, query), plan.streamsOf(query), reading, proof).pipe(
      map((counts) => () => take(query, counts)),
      catchError((error: unknown) => of(() => fail(query, toUpstreamError(error))))
    );
  const queries$ = runTasks(
    () => {
      const query = plan.next();
      return query && read(query);
    },
    // Before the first answer, nothing is known of the keys.
    () => (estimate.knowsKeys ? queriesAhead : 1)
  ).pipe(
    tap((learn) => learn()),
    ignoreElements()
  );
  /** The cells of windows of which as many lines were read as counted; of the others the lines are read, where Loki takes batches. */
  const finish = (): Observable<ReadEvent> => {
    const complete = Array.from({ length: batch.windows }, (_, index) => index).filter((index) =>
      cells.isComplete(index, partition.lines)
    );
    if (isTaken !== undefined) {
      // Single windows may differ by a line that came in between.
      estimate.learnBatch(isTaken && complete.length > plan.windows / 2);
    }
    const rest = runsOf(batch.windows, (index) => !complete.includes(index)).map((run) => partOf(batch, run));
    return concat(
      from(complete.map((index): ReadEvent => ({ kind: 'cell', cell: cells.build(index) }))),
      from(rest).pipe(concatMap((part) => (isTaken ? readDense(part, reading) : of(leave(spanOf(part))))))
    );
  };
  return concat(queries$.pipe(takeUntil(givenUp)), defer(finish));
}

/** Builds the cells of a batch's windows from answers about parts of its streams. */
export class CellsBuilder {
  private readonly builders: CellBuilder[];
  private readonly warnings: Array<Set<string>>;
  private readonly lines = new Map<string | undefined, WindowLines>();

  /** `label` tells the streams apart, `textOf` gives the text of a series. */
  constructor(
    private readonly batch: Batch,
    private readonly label: string,
    private readonly textOf: (labels: CountSeries['labels']) => string,
    private readonly table: KeyTable
  ) {
    const windows = Array.from({ length: batch.windows }, (_, index) => windowOf(batch, index));
    this.builders = windows.map((window) => new CellBuilder(window, table));
    this.warnings = windows.map(() => new Set());
  }

  /** Adds the series of an answer; `indexOf` gives the number of the window that ends at an evaluation time. */
  add(series: readonly CountSeries[], indexOf: (time: number) => number): void {
    for (const { labels, samples } of series) {
      const text = this.textOf(labels);
      const id = text === '' ? undefined : this.table.idOf(text, labels);
      const lines = this.linesOf(labels[this.label] || undefined);
      for (const [time, count] of samples) {
        const index = indexOf(time);
        lines[index] = (lines[index] as number) + count;
        this.builders[index]?.addLines(text, id, count);
      }
    }
  }

  /** What Loki said about an answer concerns each window that it is about. */
  warn(first: number, windows: number, warnings: readonly string[]): void {
    for (const own of this.warnings.slice(first, first + windows)) {
      warnings.forEach((warning) => own.add(warning));
    }
  }

  private linesOf(value: string | undefined): WindowLines {
    let lines = this.lines.get(value);
    if (!lines) {
      lines = new Float64Array(this.batch.windows);
      this.lines.set(value, lines);
    }
    return lines;
  }

  /** True where the lines that were added are, stream by stream, as many as were counted: `counted` has some windows as one. */
  isComplete(index: number, counted: ReadonlyMap<string | undefined, WindowLines>): boolean {
    return [...new Set([...this.lines.keys(), ...counted.keys()])].every((value) => {
      const expected = counted.get(value);
      const parts = this.batch.windows / (expected?.length ?? this.batch.windows);
      const first = index - (index % parts);
      const found =
        this.lines
          .get(value)
          ?.subarray(first, first + parts)
          .reduce((sum, own) => sum + own, 0) ?? 0;
      return found === (expected?.[first / parts] ?? 0);
    });
  }

  /** The cell of a window, of which everything was added. */
  build(index: number): Cell {
    const cell = (this.builders[index] as CellBuilder).build();
    const warnings = [...(this.warnings[index] ?? [])];
    return warnings.length > 0 ? { ...cell, warnings } : cell;
  }
}
