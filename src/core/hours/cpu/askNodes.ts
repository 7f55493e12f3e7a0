import { map, type Observable, of, switchMap } from 'rxjs';

import { dayMs } from '../../domain/duration';
import { lengthOf, type Span } from '../../domain/span';
import { type Counted, nodesOfPods, nodesWithoutSamples } from '../../expr/promqlCounters';
import { type PrometheusClient, type PromSeries } from '../../upstream/prometheus';
import { around } from '../windows';
import { type NodeFacts } from './computeNodes';
import { type PodPlan } from './podPlan';
import { podKey } from './podValues';
import { type CpuWindowView } from './window';

/** A window, and whether a pod (by key) certainly has a sample in it. */
export interface SampledPods extends Span {
  isSampled: (key: string) => boolean;
}

/** Whether a pod certainly has a sample in a window of a run: its counters show something new at the end. */
export function sampledPods({ windows, parts }: Pick<PodPlan, 'windows' | 'parts'>): SampledPods[] {
  return windows.map(({ start, end }) => {
    const [until, before] = [parts.until.at(end - 1), parts.before.at(end - 1)];
    const isSampled = (key: string) => until.has(key) && before.get(key) !== until.get(key);
    return { start, end, isSampled };
  });
}

/**
 * Asks on which nodes pods lived while no container was scraped there at all: virtual nodes, whose pods run elsewhere. Asks
 * about the time of the windows in which pods lived without a sample; undefined where there are none. Where each node had a pod
 * with a sample, nothing more is asked than where pods were. Finds nothing where kube-state-metrics does not export the nodes of
 * pods. Windows are in any order. Errors like the client.
 */
export function askNodes(
  client: PrometheusClient,
  counted: Counted,
  windows: readonly CpuWindowView[],
  sampled: readonly SampledPods[]
): Observable<NodeFacts | undefined> {
  const silent = windows.filter(({ silentPods }) => silentPods > 0).sort((a, b) => a.start - b.start);
  if (silent.length === 0) {
    return of(undefined);
  }
  const { start, end } = around(silent);
  const stepMs = Math.min(dayMs, lengthOf({ start, end }));
  const count = Math.ceil(lengthOf({ start, end }) / stepMs);
  const first = end - 1 - (count - 1) * stepMs;
  const ask = (query: string) => client.range(query, first, end - 1, stepMs);
  return ask(nodesOfPods(counted, stepMs)).pipe(
    switchMap(({ series }) =>
      areScraped(series, sampled, stepMs)
        ? of({ stepMs, nodes: [] })
        : ask(nodesWithoutSamples(counted, stepMs)).pipe(
            map(({ series: nodes }) => ({
              stepMs,
              nodes: nodes.map(({ labels, samples }) => [labels['node'] ?? '', samples] as const),
            }))
          )
    )
  );
}

/** Whether on each node, in each step in which pods lived there, one of them certainly has a sample. */
function areScraped(pods: readonly PromSeries[], sampled: readonly SampledPods[], stepMs: number): boolean {
  const lived = new Set<string>();
  const scraped = new Set<string>();
  const inside = new Map<number, SampledPods[]>();
  const windowsIn = (at: number) => {
    const known = inside.get(at) ?? sampled.filter(({ start, end }) => start > at - stepMs && end - 1 <= at);
    inside.set(at, known);
    return known;
  };
  for (const one of pods) {
    const key = podKey(one);
    for (const [at] of one.samples) {
      const place = `${at} ${one.labels['node'] ?? ''}`;
      lived.add(place);
      if (!scraped.has(place) && windowsIn(at).some(({ isSampled }) => isSampled(key))) {
        scraped.add(place);
      }
    }
  }
  return lived.size === scraped.size;
}
