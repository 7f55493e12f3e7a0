import { type CpuWindow, endedAfterMs, twinsWithinMs } from '../../expr/promqlCpu';
import { type PromSeries } from '../../upstream/prometheus';
import { podsWith, podsWithTwins, sumsOf } from './counters/shown';
import { ofPart, podKey, PodValues, valuesOf } from './podValues';

/** What is known of the pods of a run, each at the last ms of a window; see `shownIn` and `livesOfPods`. */
export interface PodParts {
  readonly until: PodValues<number>;
  readonly before: PodValues<number>;
  readonly ofCgroup: Readonly<Record<'until' | 'before', PodValues<number>>>;
  readonly reset: PodValues<number>;
  /** Pods with a counter that is new in the window and shows so much that it may have a history. */
  readonly large: PodValues<true>;
  /** Pods with several counters of one container at a time. */
  readonly twins: PodValues<true>;
  /** Pods of which a container has ended, also at the start of the first window. Of some, a completion is known. */
  readonly ended: PodValues<true>;
  /** When pods were completed, in seconds since the epoch; also at the start of the first window. */
  readonly completion: PodValues<number>;
  /** The same, from when on it is taken into account. */
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

/** Two counters, one after the other, can't both have more than this share of the samples, even with one of them at once. */
const twinShare = 0.6;

/**
 * Sorts the answers to `shownIn` and `livesOfPods`, which begin with the time at which the first window starts.
 *
 * @param first the last ms of the first window
 * @param most CPU seconds that a counter may show when it is first seen and still be new
 */
export function podParts(
  shown: readonly PromSeries[],
  lives: readonly PromSeries[],
  shape: CpuWindow,
  { first, most }: { first: number; most: number }
): PodParts {
  const inWindows = shown.flatMap(({ labels, samples }) => {
    const own = samples.filter(([at]) => at >= first);
    return own.length > 0 ? [{ labels, samples: own }] : [];
  });
  const [until, before] = [ofPart(inWindows, 'until'), ofPart(inWindows, 'before')];
  const togetherMs = twinsWithinMs(shape.scrapeMs);
  const together = ofPart(inWindows, togetherMs > endedAfterMs ? 'together' : 'lately');
  const half = Math.ceil(twinShare * (togetherMs / shape.scrapeMs));
  const completed = ofPart(lives, 'completed');
  return {
    until: new PodValues(sumsOf(until, shape)),
    before: new PodValues(sumsOf(before, shape)),
    ofCgroup: { until: valuesOf(ofPart(inWindows, 'pod-until')), before: valuesOf(ofPart(inWindows, 'pod-before')) },
    reset: valuesOf(ofPart(inWindows, 'reset')),
    large: new PodValues(podsWith(until, before, (value) => value > most)),
    twins: new PodValues(podsWithTwins(together, shape.labelling.withoutId, half)),
    ended: new PodValues(podsWith(ofPart(shown, 'until'), ofPart(shown, 'lately'))),
    completion: valuesOf(completed),
    completed: valuesOf(samplesWhere(completed, (at, value) => value <= (at - endedAfterMs) / 1000)),
    // A 1 says nothing but that there is a pod.
    started: valuesOf(samplesWhere(ofPart(lives, 'started'), (_, value) => value > 1)),
    known: valuesOf(ofPart(lives, 'started')),
    podless: timesOfPart(inWindows, 'podless'),
    nameless: timesOfPart(inWindows, 'nameless'),
    nonFinite: new Set(
      inWindows.filter(({ samples }) => samples.some(([, value]) => !Number.isFinite(value))).map(podKey)
    ),
  };
}

function samplesWhere(series: readonly PromSeries[], isMeant: (at: number, value: number) => boolean): PromSeries[] {
  return series.map((one) => ({ ...one, samples: one.samples.filter(([at, value]) => isMeant(at, value)) }));
}

function timesOfPart(series: readonly PromSeries[], part: string): Set<number> {
  return new Set(ofPart(series, part).flatMap(({ samples }) => samples.map(([at]) => at)));
}
