import { forkJoin, map, type Observable, of, shareReplay } from 'rxjs';

import { type Span } from '../../domain/span';
import { quarterHourMs, podlessCpu } from '../../expr/promqlCpu';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { addTo } from '../sums';
import { type WindowRun, windowsOf } from '../windows';

/** Whole quarter hours of a window, and the shares of those that its ends cut. */
export interface QuarterPlan {
  /** Empty when the window holds no whole quarter hour. */
  whole: Span;
  cut: Array<{ end: number; share: number }>;
}

/** Lays a window over the quarter hours, which begin at multiples of their length. */
export function quarterPlan({ start, end }: Span): QuarterPlan {
  const first = Math.ceil(start / quarterHourMs) * quarterHourMs;
  const last = Math.floor(end / quarterHourMs) * quarterHourMs;
  if (first > last) {
    // Both ends lie in one quarter.
    return { whole: { start: first, end: first }, cut: [{ end: first, share: (end - start) / quarterHourMs }] };
  }
  return {
    whole: { start: first, end: last },
    cut: [
      ...(start < first ? [{ end: first, share: (first - start) / quarterHourMs }] : []),
      ...(end > last ? [{ end: last + quarterHourMs, share: (end - last) / quarterHourMs }] : []),
    ],
  };
}

/**
 * CPU seconds by OSCAR's label `service`, window by window of a run, of counters without a pod. A quarter that a
 * window cuts counts by its share.
 */
export function readPodless(
  client: PrometheusClient,
  servicesNamespace: string,
  run: WindowRun
): Observable<Array<Map<string, number>>> {
  // The minutes of a range's first hour share a few quarters.
  const asked = new Map<string, Observable<PromSeries[]>>();
  const ask = (lengthMs: number, end: number) => {
    const key = `${lengthMs}-${end}`;
    const known = asked.get(key);
    const series$ =
      known ??
      client.instant(podlessCpu(servicesNamespace, lengthMs), end + 1).pipe(
        map(({ series }) => series),
        shareReplay({ bufferSize: 1, refCount: true })
      );
    asked.set(key, series$);
    return series$;
  };
  return forkJoin(
    windowsOf(run).map((window) => {
      const { whole, cut } = quarterPlan(window);
      const length = whole.end - whole.start;
      // One ms after the quarter's end, so that the quarter before the first one stays out in engines whose ranges are closed.
      const quarters = [
        ...(length > 0 ? [{ lengthMs: length, end: whole.end, share: 1 }] : []),
        ...cut.map(({ end, share }) => ({ lengthMs: quarterHourMs, end, share })),
      ];
      const answers = quarters.map(({ lengthMs, end, share }) =>
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
