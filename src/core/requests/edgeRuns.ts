import { map, type Observable } from 'rxjs';

import { quarterHourMs } from '../domain/duration';
import { lengthOf } from '../domain/span';
import { type LineFamily, naming, timeExpr, unsplit } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type Cell } from './cell';
import { type Edge } from './edgeTimes';
import { evaluationOf, windowOf } from './windows';

/** Cells of one length, side by side or apart, whose times one query asks for. */
export interface EdgeRun {
  edge: Edge;
  cells: readonly Cell[];
  /** Services that were called in any of them. */
  services: ReadonlySet<string>;
}

/** Fewer cells than this are asked for one by one: between them may be much that nobody asks for. */
const fewestCells = 4;

/** Longer ones are many lines each, most of which need not be looked at (`edgeTimes.ts`). */
const longestMs = quarterHourMs;

/** Windows that one query evaluates at most. */
const mostWindows = 100;

interface Wanted {
  cell: Cell;
  services: ReadonlySet<string>;
}

/** Runs of cells that lie on a grid of their length, near to each other, with no more than `mostSeries` keys together. */
export function runsOfCells(
  edge: Edge,
  wanted: readonly Wanted[],
  keysIn: (cells: readonly Cell[]) => number,
  mostSeries: number
): EdgeRun[] {
  const runs: Wanted[][] = [];
  const short = wanted.filter(({ cell }) => lengthOf(cell) <= longestMs);
  for (const one of short.sort((a, b) => a.cell.start - b.cell.start)) {
    const run = runs[runs.length - 1];
    if (run && continues(run, one)) {
      run.push(one);
    } else {
      runs.push([one]);
    }
  }
  return runs
    .filter((run) => run.length >= fewestCells && keysIn(run.map(({ cell }) => cell)) <= mostSeries)
    .map((run) => ({
      edge,
      cells: run.map(({ cell }) => cell),
      services: new Set(run.flatMap(({ services }) => [...services])),
    }));
}

function continues(run: readonly Wanted[], { cell }: Wanted): boolean {
  const { start, end } = (run[0] as Wanted).cell;
  const length = end - start;
  const windows = (cell.end - start) / length;
  // At most every other window is asked for without need.
  return (
    cell.end - cell.start === length &&
    Number.isInteger(windows) &&
    windows <= Math.min(mostWindows, 2 * run.length + 2)
  );
}

/** The times of the services of each cell of a run, by one query. Errors as the query does. */
export function askRun(
  client: LokiClient,
  family: LineFamily,
  { edge, cells, services }: EdgeRun,
  serviceOf: (text: string) => string | undefined
): Observable<Map<Cell, Map<string, number>>> {
  const { start, end } = cells[0] as Cell;
  const last = cells[cells.length - 1] as Cell;
  const batch = { start, windowMs: end - start, windows: Math.round((last.end - start) / (end - start)) };
  const { first, last: to, stepMs, offsetMs, unsplitMs } = evaluationOf(batch);
  const expr = timeExpr(naming(family, [...services]), edge, batch.windowMs, offsetMs);
  const better = edge === 'first' ? Math.min : Math.max;
  return client.counts(unsplit(expr, family.selector, unsplitMs), first, to, stepMs).pipe(
    map(({ series, warnings = [] }) => {
      if (warnings.length > 0) {
        throw new UpstreamError('malformed', `Loki reports that its answer may be incomplete: ${warnings.join('; ')}`);
      }
      const byStart = new Map(cells.map((cell) => [cell.start, { cell, times: new Map<string, number>() }]));
      for (const { labels, samples } of series) {
        const service = serviceOf(family.textOf(labels));
        for (const [time, value] of service === undefined ? [] : samples) {
          const times = byStart.get(windowOf(batch, (time - first) / batch.windowMs).start)?.times;
          times?.set(service as string, better(times.get(service as string) ?? value, value));
        }
      }
      return new Map(Array.from(byStart.values(), ({ cell, times }) => [cell, times]));
    })
  );
}
