import { type Counted } from '../../../expr/promqlCounters';
import { type PromSeries } from '../../../upstream/prometheus';
import { groupedBy } from '../../grouped';
import { podKey } from '../podValues';
import { containersByPod, within } from './containers';
import { lastAt } from './containerUse';
import { areTwins } from './twins';

/** By evaluation time (ms) and key of the pod. */
export type ByTimeAndPod<T> = ReadonlyMap<number, ReadonlyMap<string, T>>;

/** CPU seconds that the counters of each pod show together. Values that are not finite are left out. */
export function sumsOf(counters: readonly PromSeries[], counted: Counted): ByTimeAndPod<number> {
  const sums = new Map<number, Map<string, number>>();
  for (const [pod, containers] of containersByPod(counters, counted)) {
    const times = new Set(
      containers.flatMap(({ series }) => series.flatMap(({ samples }) => samples.map(([at]) => at)))
    );
    for (const at of times) {
      const shown = lastAt(
        within(containers, (time) => time === at),
        at
      );
      if (shown) {
        set(sums, at, pod, shown.value);
      }
    }
  }
  return sums;
}

/** Pods with a counter that some series have and others do not, by what identifies it. */
export function podsWith(
  counters: readonly PromSeries[],
  without: readonly PromSeries[],
  isMeant: (value: number) => boolean = () => true
): ByTimeAndPod<true> {
  const known = new Map(without.map((one) => [keyOf(one), new Set(one.samples.map(([at]) => at))]));
  const pods = new Map<number, Map<string, true>>();
  for (const one of counters) {
    const times = known.get(keyOf(one));
    one.samples
      .filter(([at, value]) => isMeant(value) && !times?.has(at))
      .forEach(([at]) => set(pods, at, podKey(one), true));
  }
  return pods;
}

/**
 * Pods with several counters of one container at a time, by how many samples each counter has.
 *
 * @param most a counter with more samples has more than half of them
 */
export function podsWithTwins(counters: readonly PromSeries[], withoutId: boolean, most: number): ByTimeAndPod<true> {
  const pods = new Map<number, Map<string, true>>();
  for (const [pod, own] of groupedBy(counters, podKey)) {
    if (own.length > 1) {
      const times = new Set(own.flatMap(({ samples }) => samples.map(([at]) => at)));
      for (const at of times) {
        const lasting = own.filter(({ samples }) => samples.some(([time, count]) => time === at && count > most));
        if (
          lasting.length > 1 &&
          areTwins(
            lasting.map(({ labels }) => labels),
            withoutId
          )
        ) {
          set(pods, at, pod, true);
        }
      }
    }
  }
  return pods;
}

function keyOf({ labels: { namespace, pod, container, id, name } }: PromSeries): string {
  return JSON.stringify([namespace, pod, container, id, name]);
}

function set<T>(all: Map<number, Map<string, T>>, at: number, pod: string, value: T): void {
  const pods = all.get(at) ?? new Map<string, T>();
  all.set(at, pods.set(pod, value));
}
