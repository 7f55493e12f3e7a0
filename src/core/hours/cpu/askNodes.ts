import { defer, map, type Observable, of } from 'rxjs';

import { lengthOf } from '../../domain/span';
import { type Counted, nodesWithoutSamples } from '../../expr/promqlCounters';
import { type PrometheusClient } from '../../upstream/prometheus';
import { around } from '../windows';
import { type CpuWindowView } from './window';

const dayMs = 86_400_000;

/**
 * Tells windows in which pods lived without a sample on which nodes these are, of those on which no container was scraped at all:
 * virtual nodes, whose pods run elsewhere. Nothing is asked where there is no such pod, and nothing found where kube-state-metrics
 * does not tell the nodes of pods. Windows are in order of time. Errors like the client.
 */
export function addUnscrapedNodes(
  client: PrometheusClient,
  counted: Counted,
  windows: readonly CpuWindowView[]
): Observable<void> {
  return defer(() => {
    const silent = windows.filter(({ silentPods }) => silentPods > 0).sort((a, b) => a.start - b.start);
    if (silent.length === 0) {
      return of(undefined);
    }
    const { start, end } = around(silent);
    const step = Math.min(dayMs, lengthOf({ start, end }));
    const count = Math.ceil(lengthOf({ start, end }) / step);
    const first = end - 1 - (count - 1) * step;
    return client.range(nodesWithoutSamples(counted, step), first, end - 1, step).pipe(
      map(({ series }) => {
        for (const window of silent) {
          window.unscrapedNodes = new Map(
            series.flatMap(({ labels, samples }) => {
              const pods = samples
                .filter(([at]) => at >= window.start && at - step < window.end)
                .map(([, value]) => value);
              return pods.length > 0 ? [[labels['node'] ?? '', Math.max(...pods)]] : [];
            })
          );
        }
      })
    );
  });
}
