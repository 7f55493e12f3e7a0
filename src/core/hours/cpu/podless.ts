import { forkJoin, map, type Observable, of, shareReplay } from 'rxjs';

import { type Span } from '../../domain/span';
import { cellMs, collapsedCpu } from '../../expr/promqlCpu';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { addTo } from '../sums';
import { type WindowRun, windowsOf } from '../windows';

/** Whole cells of a window, and the shares of the cells that its ends cut. */
export interface CellPlan {
  /** Empty when the window holds no whole cell. */
  whole: Span;
  cut: Array<{ end: number; share: number }>;
}

/** Lays a window over the cells, which begin at multiples of their length. */
export function cellPlan({ start, end }: Span): CellPlan {
  const first = Math.ceil(start / cellMs) * cellMs;
  const last = Math.floor(end / cellMs) * cellMs;
  if (first > last) {
    // Both ends lie in one cell.
    return { whole: { start: first, end: first }, cut: [{ end: first, share: (end - start) / cellMs }] };
  }
  return {
    whole: { start: first, end: last },
    cut: [
      ...(start < first ? [{ end: first, share: (first - start) / cellMs }] : []),
      ...(end > last ? [{ end: last + cellMs, share: (end - last) / cellMs }] : []),
    ],
  };
}

/**
 * CPU seconds by OSCAR's label `service`, window by window of a run, of counters whose pods are collapsed. A cell that a
 * window cuts counts by its share.
 */
export function readCollapsed(
  client: PrometheusClient,
  servicesNamespace: string,
  run: WindowRun
): Observable<Array<Map<string, number>>> {
  // The minutes of a range's first hour share a few cells.
  const asked = new Map<string, Observable<PromSeries[]>>();
  const ask = (lengthMs: number, end: number) => {
    const key = `${lengthMs}-${end}`;
    const known = asked.get(key);
    const series$ =
      known ??
      client.instant(collapsedCpu(servicesNamespace, lengthMs), end + 1).pipe(
        map(({ series }) => series),
        shareReplay({ bufferSize: 1, refCount: true })
      );
    asked.set(key, series$);
    return series$;
  };
  return forkJoin(
    windowsOf(run).map((window) => {
      const { whole, cut } = cellPlan(window);
      const length = whole.end - whole.start;
      // One ms after the cell's end, so that the cell before the first one stays out in engines whose ranges are closed.
      const cells = [
        ...(length > 0 ? [{ lengthMs: length, end: whole.end, share: 1 }] : []),
        ...cut.map(({ end, share }) => ({ lengthMs: cellMs, end, share })),
      ];
      const answers = cells.map(({ lengthMs, end, share }) =>
        ask(lengthMs, end).pipe(map((series) => ({ series, share })))
      );
      return answers.length > 0 ? forkJoin(answers).pipe(map(sumOf)) : of(new Map<string, number>());
    })
  );
}

function sumOf(answers: ReadonlyArray<{ series: PromSeries[]; share: number }>): Map<string, number> {
  const seconds = new Map<string, number>();
  for (const { series, share } of answers) {
    for (const { labels, samples } of series) {
      addTo(seconds, labels['service'] ?? '', (samples[0]?.[1] ?? 0) * share);
    }
  }
  return seconds;
}
