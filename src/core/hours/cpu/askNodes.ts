import { map, type Observable, of } from 'rxjs';

import { dayMs } from '../../domain/duration';
import { lengthOf } from '../../domain/span';
import { type Counted, nodesWithoutSamples } from '../../expr/promqlCounters';
import { type PrometheusClient } from '../../upstream/prometheus';
import { around } from '../windows';
import { type NodeFacts } from './computeNodes';
import { type CpuWindowView } from './window';

/**
 * Asks on which nodes pods lived while no container was scraped there at all: virtual nodes, whose pods run elsewhere. Asks
 * about the time of the windows in which pods lived without a sample; undefined where there are none. Finds nothing where
 * kube-state-metrics does not export the nodes of pods. Windows are in any order. Errors like the client.
 */
export function askNodes(
  client: PrometheusClient,
  counted: Counted,
  windows: readonly CpuWindowView[]
): Observable<NodeFacts | undefined> {
  const silent = windows.filter(({ silentPods }) => silentPods > 0).sort((a, b) => a.start - b.start);
  if (silent.length === 0) {
    return of(undefined);
  }
  const { start, end } = around(silent);
  const stepMs = Math.min(dayMs, lengthOf({ start, end }));
  const count = Math.ceil(lengthOf({ start, end }) / stepMs);
  const first = end - 1 - (count - 1) * stepMs;
  return client
    .range(nodesWithoutSamples(counted, stepMs), first, end - 1, stepMs)
    .pipe(
      map(({ series }) => ({ stepMs, nodes: series.map(({ labels, samples }) => [labels['node'] ?? '', samples]) }))
    );
}
