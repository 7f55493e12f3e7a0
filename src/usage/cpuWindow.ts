import { type Span } from '../domain/span';
import { type PromSeries } from '../upstream/prometheus';
import { addTo } from './hours';

/** How the service of a pod or counter was found, best first. */
export const schemes = ['labels', 'names', 'service', 'none'] as const;
export type Scheme = (typeof schemes)[number];

/** Pods without any sample: how many, how long they lived, and what they are taken to have used. */
export interface Unseen {
  pods: number;
  lifeHours: number;
  hours: number;
  /** Seconds lived by those for whose service no rate is known. */
  unknownLifeHours: number;
}

/** CPU hours of one window, and how they were found. */
export interface CpuWindowView extends Span {
  hours: Map<string, number>;
  hoursByScheme: Map<Scheme, number>;
  unseen: Unseen;
  /** Pods whose counters began with a history, which was left out. */
  withHistory: number;
}

export function emptyWindow({ start, end }: Span): CpuWindowView {
  return {
    start,
    end,
    hours: new Map(),
    hoursByScheme: new Map(),
    unseen: { pods: 0, lifeHours: 0, hours: 0, unknownLifeHours: 0 },
    withHistory: 0,
  };
}

/** Adds to a window. Nothing is added for 0, because pods that ended before the window are still in the answers. */
export function addHours(window: CpuWindowView, service: string, scheme: Scheme, hours: number): void {
  if (hours === 0) {
    return;
  }
  addTo(window.hours, service, hours);
  addTo(window.hoursByScheme, scheme, hours);
}

/** Value of a series at a time, in ms. */
export function valueAt({ samples }: PromSeries, time: number): number | undefined {
  return samples.find(([at]) => at === time)?.[1];
}

/**
 * What a counter lost by being reset inside (from, to], in its own unit: its last value before each reset. `last - first`
 * of the counter plus this is what it counted.
 */
export function lostByResets(samples: ReadonlyArray<readonly [number, number]>, from: number, to: number): number {
  let lost = 0;
  for (let index = 1; index < samples.length; index++) {
    const [time, value] = samples[index] ?? [0, 0];
    const before = samples[index - 1]?.[1] ?? 0;
    if (value < before && time > from && time <= to) {
      lost += before;
    }
  }
  return lost;
}

/**
 * What has to be added to "last value less the value before (from, to]" of a counter: what its resets took, less what it
 * already showed when it was first seen inside, if that is more than `mostAtFirst`. The samples begin before `from`
 * where the counter does.
 */
export function correctionOf(
  samples: ReadonlyArray<readonly [number, number]>,
  { from, to, mostAtFirst }: { from: number; to: number; mostAtFirst: number }
): number {
  const [time, value] = samples[0] ?? [0, 0];
  const history = time > from && time <= to && value > mostAtFirst ? value : 0;
  return lostByResets(samples, from, to) - history;
}
