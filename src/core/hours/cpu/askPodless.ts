import { forkJoin, map, type Observable, of, shareReplay } from 'rxjs';

import { ExactSums } from '../../domain/sums';
import { podlessCpu, quarterHourMs } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type WindowRun, windowsOf } from '../windows';
import { quarterPlan, type QuarterSeconds } from './quarterHours';

/**
 * Reads what counters without a pod used in the quarter hours of each window of a run. A quarter hour that a window cuts
 * counts by its share. Errors like the client.
 */
export function askPodless(
  client: PrometheusClient,
  servicesNamespace: string,
  run: WindowRun
): Observable<QuarterSeconds[][]> {
  // The minutes of a range's first hour share a few quarters.
  const asked = new Map<string, Observable<Map<string, number>>>();
  const ask = (lengthMs: number, end: number) => {
    const key = `${lengthMs}-${end}`;
    const known = asked.get(key);
    const seconds$ =
      known ??
      // One ms after the quarter's end, so that the quarter before the first one stays out in engines whose ranges are closed.
      client.instant(podlessCpu(servicesNamespace, lengthMs), end + 1).pipe(
        map(({ series }) => {
          const seconds = new ExactSums<string>();
          series.forEach(({ labels, samples }) => seconds.add(labels['service'] ?? '', samples[0]?.[1] ?? 0));
          return seconds.toMap();
        }),
        shareReplay({ bufferSize: 1, refCount: true })
      );
    asked.set(key, seconds$);
    return seconds$;
  };
  return forkJoin(
    windowsOf(run).map((window) => {
      const { whole, cut } = quarterPlan(window);
      const length = whole.end - whole.start;
      const quarters = [
        ...(length > 0 ? [{ lengthMs: length, end: whole.end, share: 1 }] : []),
        ...cut.map(({ end, share }) => ({ lengthMs: quarterHourMs, end, share })),
      ];
      const answers = quarters.map(({ lengthMs, end, share }) =>
        ask(lengthMs, end).pipe(map((seconds): QuarterSeconds => ({ seconds, share })))
      );
      return answers.length > 0 ? forkJoin(answers) : of([]);
    })
  );
}
