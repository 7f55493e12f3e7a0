import { type Completions } from './completedPods';
import { type PodFacts } from './podFacts';
import { type QuarterSeconds } from './quarterHours';

/** All that CPU hours of the windows of a run are computed from. Nothing of it changes once it was read. */
export interface CpuFacts {
  readonly pods: PodFacts;
  /** Of counters without a pod, by window; empty where there are none. */
  readonly podless: ReadonlyArray<readonly QuarterSeconds[]>;
  /** Completed pods by window, and those of the whole day that each window lies in. */
  readonly completions: readonly Completions[];
  readonly days: readonly Completions[];
}
