import { addTo, secondsPerHour } from '../sums';

/** CPU seconds (`afterLastSample`, `used`) and seconds lived of the pods whose completion became known in a window, by service. */
export interface Completions {
  /** Used between a pod's last sample and its completion. */
  afterLastSample: Map<string, number>;
  /** Used up to the last sample, and lived, by the pods with a sample. */
  used: Map<string, number>;
  life: Map<string, number>;
  /** Lived by the pods without any sample, and their number. */
  unsampledLife: Map<string, number>;
  unsampledPods: Map<string, number>;
}

/** A pod whose completion became known in a window. Times are in seconds since the epoch. */
export interface CompletedPod {
  service: string;
  completed: number;
  started: number;
  /** What its samples tell; undefined where it has none. */
  last: LastSample | undefined;
}

/** CPU seconds up to the last sample of a pod, and its time in seconds since the epoch. */
export interface LastSample {
  used: number;
  sampled: number;
}

export function noCompletions(): Completions {
  return {
    afterLastSample: new Map(),
    used: new Map(),
    life: new Map(),
    unsampledLife: new Map(),
    unsampledPods: new Map(),
  };
}

/**
 * Sums the completed pods of one window up. Those that did not live, as far as their times tell, are left out.
 *
 * @param since samples before this are not looked at, in seconds since the epoch
 */
export function completionsOf(pods: readonly CompletedPod[], since: number): Completions {
  const completions = noCompletions();
  for (const pod of pods) {
    const { service, started, last } = pod;
    const life = pod.completed - started;
    if (life > 0 && last) {
      addTo(completions.used, service, last.used);
      addTo(completions.life, service, life);
      addTo(completions.afterLastSample, service, secondsAfterLastSample(last, pod));
    } else if (life > 0 && started > since) {
      // A pod that began earlier may have samples there.
      addTo(completions.unsampledLife, service, life);
      addTo(completions.unsampledPods, service, 1);
    }
  }
  return completions;
}

/** CPU seconds between a pod's last sample and its completion, at the mean rate of its life. */
function secondsAfterLastSample({ used, sampled }: LastSample, { started, completed }: CompletedPod): number {
  return sampled > started ? (used * Math.max(completed - sampled, 0)) / (sampled - started) : 0;
}

/** CPU cores that the completed pods of a service used on average; undefined when none of them has a sample. */
export function meanCores({ afterLastSample, used, life }: Completions, service: string): number | undefined {
  const lived = life.get(service) ?? 0;
  return lived > 0 ? ((used.get(service) ?? 0) + (afterLastSample.get(service) ?? 0)) / lived : undefined;
}

/**
 * CPU hours of the pods without a sample, by service, at the mean rate of the pods of their service that were completed
 * on the same day; undefined for services without such a pod.
 */
export function unsampledHours({ unsampledLife }: Completions, day: Completions): Map<string, number | undefined> {
  return new Map(
    [...unsampledLife].map(([service, seconds]) => {
      const cores = meanCores(day, service);
      return [service, cores === undefined ? undefined : (seconds * cores) / secondsPerHour];
    })
  );
}
