import { partLabel, perUnseenPod } from '../expr/promqlUsage';
import { type PromSeries } from '../upstream/prometheus';
import { valueAt } from './cpuWindow';
import { addTo, normalService, secondsPerHour } from './hours';

/** Seconds of the pods that were completed in a window, by service; see `completedPods`. */
export interface Completions {
  tail: Map<string, number>;
  used: Map<string, number>;
  life: Map<string, number>;
  unseen: Map<string, number>;
  pods: Map<string, number>;
}

export function noCompletions(): Completions {
  return { tail: new Map(), used: new Map(), life: new Map(), unseen: new Map(), pods: new Map() };
}

/** Reads an answer to `completedPods` at one evaluation time, in ms. */
export function completionsAt(series: readonly PromSeries[], time: number): Completions {
  const completions = noCompletions();
  for (const one of series) {
    const value = valueAt(one, time);
    const part = one.labels[partLabel] ?? '';
    if (value !== undefined && Number.isFinite(value) && isPart(part)) {
      const service = normalService(one.labels['oscar_service'] ?? '');
      const pods = part === 'unseen' ? Math.floor(value / perUnseenPod) : 0;
      addTo(completions[part], service, value - pods * perUnseenPod);
      addTo(completions.pods, service, pods);
    }
  }
  return completions;
}

function isPart(part: string): part is Exclude<keyof Completions, 'pods'> {
  return ['tail', 'used', 'life', 'unseen'].includes(part);
}

/** CPU cores that the completed pods of a service used on average; undefined when none of them has a sample. */
export function meanCores({ tail, used, life }: Completions, service: string): number | undefined {
  const lived = life.get(service) ?? 0;
  return lived > 0 ? ((used.get(service) ?? 0) + (tail.get(service) ?? 0)) / lived : undefined;
}

/**
 * CPU hours of the pods without a sample, by service, at the mean rate of the pods of their service that were completed
 * on the same day; undefined for services without such a pod.
 */
export function unseenHours({ unseen }: Completions, day: Completions): Map<string, number | undefined> {
  return new Map(
    [...unseen].map(([service, seconds]) => {
      const cores = meanCores(day, service);
      return [service, cores === undefined ? undefined : (seconds * cores) / secondsPerHour];
    })
  );
}
