import { type Span } from '../../domain/span';
import { type HoursByService, sumByService } from '../attribution';

/** Completed pods without any sample: how many, how long they lived, and what they are estimated to have used. */
export interface UnsampledPods {
  readonly pods: number;
  readonly lifeHours: number;
  readonly hours: number;
  /** Hours lived by those for whose service no rate is known. */
  readonly unestimatedLifeHours: number;
}

/** CPU hours of one window, and how they were found. */
export interface CpuWindowView extends Span, HoursByService {
  readonly unsampled: UnsampledPods;
  /** Pods whose counters began with a history, which was left out. */
  readonly withHistory: number;
  /** Hours of pods without a counter of a container, by the counter of their own cgroup. */
  readonly cgroupHours: number;
  /** Pods with several counters of one container at a time, which can't be distinguished. */
  readonly twins: number;
  /** Whether there are counters of containers without a pod. */
  readonly hasPodless: boolean;
  /** Hours of these that no label gives to a service. */
  readonly podlessHours: number;
  /** Whether there are counters without a pod and a container. */
  readonly hasNameless: boolean;
  /** Pods that lived for a while without any sample, completed ones included. */
  readonly silentPods: number;
  /** Of these pods, the number on each node on which no container was scraped; undefined where that was not asked. */
  readonly unscrapedNodes?: ReadonlyMap<string, number>;
}

export function emptyWindow({ start, end }: Span): CpuWindowView {
  return {
    start,
    end,
    ...sumByService([]),
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
