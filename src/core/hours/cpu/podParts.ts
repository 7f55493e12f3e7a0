import { partLabel } from '../../expr/promqlCpu';
import { type PromSeries } from '../../upstream/prometheus';
import { podKey, PodValues, valuesOfPart } from './podValues';

/** What an engine says of the pods of a run, each at the last ms of a window; see `usedByPod` and `livesOfPods`. */
export interface PodParts {
  readonly until: PodValues<number>;
  readonly before: PodValues<number>;
  readonly ofCgroup: Readonly<Record<'until' | 'before', PodValues<number>>>;
  readonly reset: PodValues<number>;
  /** Pods with a counter that first appears with a history. */
  readonly history: PodValues<number>;
  /** Pods with several counters of one container at a time. */
  readonly twins: PodValues<number>;
  readonly ended: PodValues<number>;
  readonly completed: PodValues<number>;
  readonly started: PodValues<number>;
  /** Pods that kube-state-metrics knows. */
  readonly known: PodValues<number>;
  /** Evaluation times (ms) at which there are counters without a pod, and without a pod and a container. */
  readonly podless: ReadonlySet<number>;
  readonly nameless: ReadonlySet<number>;
  /** Pods with counters that are not finite. These are left out of the sums, which are then not whole. */
  readonly nonFinite: ReadonlySet<string>;
}

/** Sorts the answers to `usedByPod` and `livesOfPods`. */
export function podParts(used: readonly PromSeries[], lives: readonly PromSeries[]): PodParts {
  return {
    until: valuesOfPart(used, 'until'),
    before: valuesOfPart(used, 'before'),
    ofCgroup: { until: valuesOfPart(used, 'pod-until'), before: valuesOfPart(used, 'pod-before') },
    reset: valuesOfPart(used, 'reset'),
    history: valuesOfPart(used, 'history'),
    twins: valuesOfPart(used, 'twins'),
    ended: valuesOfPart(lives, 'ended'),
    completed: valuesOfPart(lives, 'completed'),
    started: startsIn(lives),
    known: valuesOfPart(lives, 'started'),
    podless: timesOfPart(used, 'podless'),
    nameless: timesOfPart(used, 'nameless'),
    nonFinite: new Set(used.filter(({ samples }) => samples.some(([, value]) => !Number.isFinite(value))).map(podKey)),
  };
}

/** Starts of pods, where they are known: a 1 says nothing but that there is a pod. */
function startsIn(series: readonly PromSeries[]): PodValues<number> {
  const starts = series.map((one) => ({ ...one, samples: one.samples.filter(([, value]) => value > 1) }));
  return valuesOfPart(starts, 'started');
}

function timesOfPart(series: readonly PromSeries[], part: string): Set<number> {
  const ofPart = series.filter(({ labels }) => labels[partLabel] === part);
  return new Set(ofPart.flatMap(({ samples }) => samples.map(([at]) => at)));
}
