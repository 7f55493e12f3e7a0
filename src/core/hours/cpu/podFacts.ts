import { type Container } from './counters/containers';
import { type PodPlan } from './podPlan';
import { type PodSamples } from './podSamples';

/** What the engine said of the pods of a run. */
export interface PodFacts extends PodPlan {
  /** Samples of the windows, and for the pods that returned in one (`PodSelection`), of long before. */
  readonly samples: Readonly<Record<'near' | 'far', PodSamples>>;
}

/** The containers of a pod (by key) in a window of a run. */
export function samplesIn({ windows, samples }: PodFacts, index: number): (key: string) => Container[] {
  const returned = windows[index]?.returned;
  return (key) => (returned?.has(key) ? samples.far : samples.near).of(key, index);
}
