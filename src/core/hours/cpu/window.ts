import { type Span } from '../../domain/span';
import { type PromSeries } from '../../upstream/prometheus';
import { addTo, leastHours } from '../sums';

/** How the service of a pod or counter was found, best first; `system`: it is known to be of no service. */
export const schemes = ['labels', 'names', 'service', 'none', 'system'] as const;
export type Scheme = (typeof schemes)[number];

/**
 * Why the service of a pod is not known by its labels: kube-state-metrics tells of no labels at all, of none of this pod that
 * leads to a service, nothing of this pod, or of several services.
 */
export type Doubt = 'no-labels' | 'unlabelled' | 'unknown' | 'contradictory';

/** Pods without any sample: how many, how long they lived, and what they are taken to have used. */
export interface UnsampledPods {
  pods: number;
  lifeHours: number;
  hours: number;
  /** Seconds lived by those for whose service no rate is known. */
  unestimatedLifeHours: number;
}

/** CPU hours of one window, and how they were found. */
export interface CpuWindowView extends Span {
  hours: Map<string, number>;
  hoursByScheme: Map<Scheme, number>;
  /** Hours that can't be relied on for one reason, by the services that they were given to. */
  doubted: Map<Doubt, Map<string, number>>;
  unsampled: UnsampledPods;
  /** Pods whose counters began with a history, which was left out. */
  withHistory: number;
  /** Hours of pods without a counter of a container, by the counter of their own cgroup. */
  cgroupHours: number;
  /** Pods with several counters of one container at a time, which can't be told apart. */
  twins: number;
  /** Whether there are counters of containers without a pod. */
  hasPodless: boolean;
  /** Hours of these that no label gives to a service. */
  podlessHours: number;
  /** Whether there are counters without a pod and a container. */
  hasNameless: boolean;
  /** Pods that lived for a while without any sample, completed ones included. */
  silentPods: number;
  /** Of these pods, the number on each node on which no container was scraped; undefined where that was not asked. */
  unscrapedNodes?: ReadonlyMap<string, number>;
}

export function emptyWindow({ start, end }: Span): CpuWindowView {
  return {
    start,
    end,
    hours: new Map(),
    hoursByScheme: new Map(),
    doubted: new Map(),
    unsampled: { pods: 0, lifeHours: 0, hours: 0, unestimatedLifeHours: 0 },
    withHistory: 0,
    cgroupHours: 0,
    twins: 0,
    hasPodless: false,
    podlessHours: 0,
    hasNameless: false,
    silentPods: 0,
  };
}

/** Adds to a window. Nothing is added for 0 and what may be rounding, because pods that ended before the window are still in the answers. */
export function addHours(
  window: CpuWindowView,
  { service, scheme, doubt }: { service: string; scheme: Scheme; doubt?: Doubt },
  hours: number
): void {
  if (Math.abs(hours) < leastHours) {
    return;
  }
  addTo(window.hours, service, hours);
  addTo(window.hoursByScheme, scheme, hours);
  if (doubt !== undefined) {
    const ofServices = window.doubted.get(doubt) ?? new Map<string, number>();
    window.doubted.set(doubt, ofServices);
    addTo(ofServices, service, hours);
  }
}

/** Value of a series at a time, in ms. */
export function valueAt({ samples }: PromSeries, time: number): number | undefined {
  return samples.find(([at]) => at === time)?.[1];
}
