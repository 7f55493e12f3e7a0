import { type Span } from '../../domain/span';
import { ExactSums } from '../../domain/sums';
import { secondsPerHour } from '../sums';
import { type Container } from './counters/containers';
import { lastAt } from './counters/containerUse';
import { type PodFacts, samplesIn } from './podFacts';
import { type PodSelection } from './podSelection';

/** CPU seconds (`afterLastSample`, `used`) and seconds lived of the pods whose completion became known in a window, by service. */
export interface Completions {
  /** Used between a pod's last sample and its completion. */
  readonly afterLastSample: ReadonlyMap<string, number>;
  /** Used up to the last sample, and lived, by the pods with a sample. */
  readonly used: ReadonlyMap<string, number>;
  readonly life: ReadonlyMap<string, number>;
  /** Lived by the pods without any sample, and their number. */
  readonly unsampledLife: ReadonlyMap<string, number>;
  readonly unsampledPods: ReadonlyMap<string, number>;
}

/** A pod whose completion became known in a window. Times are in seconds since the epoch. */
export interface CompletedPod {
  service: string;
  completed: number;
  started: number;
  /** What its last sample shows; undefined where it has none. */
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

/** Sums up the pods whose completion became known in each window of a run. */
export function completionsIn(facts: PodFacts): Completions[] {
  return facts.windows.map((window, index) =>
    completionsOf(completedPods(window, facts, samplesIn(facts, index)), (window.end - 1 - facts.rangeMs) / 1000)
  );
}

function completedPods(
  { end, completed: completedAt }: Span & PodSelection,
  { parts, services }: PodFacts,
  samplesOf: (key: string) => Container[]
): CompletedPod[] {
  const at = end - 1;
  const [until, starts, ofCgroup] = [parts.until.at(at), parts.started.at(at), parts.ofCgroup.until.at(at)];
  return [...completedAt].flatMap(([key, completed]) => {
    const started = starts.get(key);
    if (started === undefined || ofCgroup.has(key)) {
      return [];
    }
    const last = until.has(key) ? lastAt(samplesOf(key), at) : undefined;
    const { service } = services.of(key, at);
    return [{ service, completed, started, last: last && { used: last.value, sampled: last.at / 1000 } }];
  });
}

/**
 * Sums up the completed pods of one window. Those that did not live, by their times, are left out.
 *
 * @param since samples before this are not looked at, in seconds since the epoch
 */
export function completionsOf(pods: readonly CompletedPod[], since: number): Completions {
  const sums = () => new ExactSums<string>();
  const [afterLastSample, used, life, unsampledLife, unsampledPods] = [sums(), sums(), sums(), sums(), sums()];
  for (const pod of pods) {
    const { service, started, last } = pod;
    const lived = pod.completed - started;
    if (lived > 0 && last) {
      used.add(service, last.used);
      life.add(service, lived);
      afterLastSample.add(service, secondsAfterLastSample(last, pod));
    } else if (lived > 0 && started > since) {
      // A pod that began earlier may have samples there.
      unsampledLife.add(service, lived);
      unsampledPods.add(service, 1);
    }
  }
  return {
    afterLastSample: afterLastSample.toMap(),
    used: used.toMap(),
    life: life.toMap(),
    unsampledLife: unsampledLife.toMap(),
    unsampledPods: unsampledPods.toMap(),
  };
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
