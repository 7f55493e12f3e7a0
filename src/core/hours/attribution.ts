import { ExactSums } from '../domain/sums';
import { minHours } from './sums';

/** How the service of a pod or counter was found, best first; `system`: it is known to belong to no service. */
export const schemes = ['labels', 'names', 'service', 'none', 'system'] as const;
export type Scheme = (typeof schemes)[number];

/**
 * Why the labels of a pod do not name its service: kube-state-metrics exports no labels at all (`no-labels`), none of this
 * pod's that lead to a service (`unlabelled`), nothing about this pod (`unknown`), or labels of several services.
 */
export type Doubt = 'no-labels' | 'unlabelled' | 'unknown' | 'contradictory';

/** The service of a pod, how it is known, and why not by labels. */
export interface KnownService {
  service: string;
  scheme: Scheme;
  doubt?: Doubt;
}

/** Hours of one pod or counter. */
export interface AttributedHours extends KnownService {
  hours: number;
}

/** Hours of a window, summed. */
export interface HoursByService {
  readonly hours: ReadonlyMap<string, number>;
  readonly hoursByScheme: ReadonlyMap<Scheme, number>;
  /** Hours that are unreliable for one reason, by the services that they were given to. */
  readonly doubted: ReadonlyMap<Doubt, ReadonlyMap<string, number>>;
}

/**
 * Sums hours. Zeros and what may be rounding are left out, because pods that ended before the window are still in the
 * answers.
 */
export function sumByService(all: Iterable<AttributedHours>): HoursByService {
  const hours = new ExactSums<string>();
  const hoursByScheme = new ExactSums<Scheme>();
  const doubted = new Map<Doubt, ExactSums<string>>();
  for (const one of all) {
    if (Math.abs(one.hours) >= minHours) {
      hours.add(one.service, one.hours);
      hoursByScheme.add(one.scheme, one.hours);
      if (one.doubt !== undefined) {
        const ofServices = doubted.get(one.doubt) ?? new ExactSums<string>();
        doubted.set(one.doubt, ofServices.add(one.service, one.hours));
      }
    }
  }
  return {
    hours: hours.toMap(),
    hoursByScheme: hoursByScheme.toMap(),
    doubted: new Map([...doubted].map(([doubt, ofServices]) => [doubt, ofServices.toMap()])),
  };
}
