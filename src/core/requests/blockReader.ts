import { Observable, Subscription } from 'rxjs';

import { type Span } from '../domain/span';
import { meaningOf, toUpstreamError } from '../upstream/errors';
import { type Counts } from '../upstream/loki';
import { type BlockPlan } from './blockPlan';
import { evaluationOf, partOf, spanOf, windowOf } from './blocks';
import { type Cell } from './cell';
import { CellsBuilder } from './cellsBuilder';
import { type LoaderDependencies } from './loadEvent';
import { type Tile } from './tilePlanner';
import { isNotTaken, readTile } from './tileQuery';

/** What became of a part of a block: the complete counts of a window, or a span that has to be read in another way. */
export type BlockEvent = { kind: 'cell'; cell: Cell } | { kind: 'left'; span: Span };

/**
 * Tiles that are asked for at the same time. Loki computes the two parts of such a query apart. Where one of them fails while the other
 * waits for one of its four workers, the worker that would take it pauses, up to 2 s (3.7.6: `processQueriesOnSingleStream` in
 * pkg/querier/worker/scheduler_processor.go).
 */
const mostAtOnce = 2;

/** Tiles of a block that may fail; of a block that is planned well, few do. */
const mostFailures = 20;

/**
 * Reads the windows of a block by tiles, each in one query with an evaluation time per window, which Loki computes as one. The
 * lines of each window are compared with those that were counted before (specs/decisions/0013).
 *
 * Emits a cell for each window, or leaves windows to the caller where that does not work, for whatever reason. Never errors.
 */
export function readBlock(plan: BlockPlan, deps: LoaderDependencies): Observable<BlockEvent> {
  const { block, planner, partition } = plan;
  const { family, tileSizer, concurrency } = deps;
  return new Observable<BlockEvent>((subscriber) => {
    const cells = new CellsBuilder(block, partition.label, family.textOf, deps.table);
    let active = 0;
    let failures = 0;
    let isGivenUp = false;
    const readings = new Set<Subscription>();

    const finish = () => {
      if (isGivenUp) {
        subscriber.next({ kind: 'left', span: spanOf(block) });
      } else {
        let complete = 0;
        for (let index = 0; index < block.windows; index += 1) {
          if (cells.isComplete(index, partition.lines)) {
            complete += 1;
            subscriber.next({ kind: 'cell', cell: cells.build(index) });
          } else {
            subscriber.next({ kind: 'left', span: windowOf(block, index) });
          }
        }
        // Single windows may differ by a line that came in between.
        tileSizer.learnBlock(complete > block.windows / 2);
      }
      subscriber.complete();
    };
    const giveUp = () => {
      isGivenUp = true;
      readings.forEach((reading) => reading.unsubscribe());
      active = 0;
      advance();
    };
    const take = (tile: Tile, { series, engineMs, warnings = [] }: Counts) => {
      const { first } = evaluationOf(partOf(block, tile));
      cells.add(series, (time) => tile.first + (time - first) / block.windowMs);
      if (warnings.length > 0) {
        cells.warn(tile.first, tile.windows, warnings);
      }
      const lines = planner.linesOf(tile);
      if (series.length === 0 && totalOf(lines) > 0) {
        // The label that tells the lines apart does not tell the streams apart.
        tileSizer.learnBlock(false);
        giveUp();
        return;
      }
      tileSizer.learn(lines, series.length, tile.windows * block.windowMs, engineMs);
    };
    const fail = (tile: Tile, error: unknown) => {
      const reason = toUpstreamError(error);
      const isTooMuch = meaningOf(reason).splitHelps === 'amount';
      const lines = planner.linesOf(tile);
      failures += 1;
      if (reason.kind === 'series-limit') {
        tileSizer.learnTooMany(lines.keys(), reason.limit);
      } else if (isTooMuch) {
        tileSizer.learnTooSlow(totalOf(lines));
      } else if (isNotTaken(reason)) {
        tileSizer.learnBlock(false);
      }
      if (!isTooMuch || failures > mostFailures || !planner.halve(tile)) {
        giveUp();
      }
    };
    const advance = () => {
      // Before the first answer, nothing is known of the keys.
      while (
        !subscriber.closed &&
        !isGivenUp &&
        active < (tileSizer.hasLearned ? Math.min(mostAtOnce, concurrency) : 1)
      ) {
        const tile = planner.next();
        if (!tile) {
          break;
        }
        active += 1;
        const reading = new Subscription();
        readings.add(reading);
        const settle = () => {
          readings.delete(reading);
          active = Math.max(0, active - 1);
          advance();
        };
        reading.add(
          readTile(partOf(block, tile), { label: partition.label, ...planner.streamsOf(tile) }, deps).subscribe({
            next: (counts) => take(tile, counts),
            error: (error: unknown) => {
              fail(tile, error);
              settle();
            },
            complete: settle,
          })
        );
      }
      if (active === 0 && !subscriber.closed) {
        finish();
      }
    };
    advance();
    return () => readings.forEach((reading) => reading.unsubscribe());
  });
}

function totalOf(lines: ReadonlyMap<string | undefined, number>): number {
  return [...lines.values()].reduce((sum, own) => sum + own, 0);
}
