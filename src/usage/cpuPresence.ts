import { partLabel } from '../expr/promqlUsage';
import { type PromResult, type PromSeries } from '../upstream/prometheus';
import { longestRun, windowsLike } from './windows';

/** What there is in the windows of a run, and what it means for the queries about them. */
export interface CpuPresence {
  /** Pods of which kube-state-metrics knows the service, and pods of which it does not. */
  hasKnown: boolean;
  hasNamed: boolean;
  hasCompleted: boolean;
  /** Counters without a pod. */
  hasCollapsed: boolean;
  /** Windows that one query may evaluate, at most. */
  windowsInJoin: number;
}

/** Pods, over all windows, that one query may join: a join costs windows times pods. */
const podsInQuery = 16_000;

/** Reads an answer to `cpuPresence` over the windows of a run, which are `lengthMs` long. */
export function presenceIn(answer: PromResult, lengthMs: number): CpuPresence {
  const [pods, known, completed, collapsed] = ['pods', 'known', 'completed', 'collapsed'].map((part) =>
    samplesOf(answer, part)
  ) as [Samples, Samples, Samples, Samples];
  const knownAt = new Map(known);
  return {
    hasKnown: known.length > 0,
    hasNamed: pods.some(([time, count]) => count > (knownAt.get(time) ?? 0)),
    hasCompleted: completed.length > 0,
    hasCollapsed: collapsed.length > 0,
    windowsInJoin: windowsFor(podsInQuery, pods, windowsLike(longestRun, lengthMs)),
  };
}

type Samples = PromSeries['samples'];

function samplesOf({ series }: PromResult, part: string): Samples {
  return series.filter(({ labels }) => labels[partLabel] === part).flatMap(({ samples }) => samples);
}

/** How many windows a query may have when it may see so many pods over all of them. */
function windowsFor(pods: number, podsInWindows: Samples, longest: number): number {
  const most = Math.max(1, ...podsInWindows.map(([, count]) => count));
  return Math.max(1, Math.min(longest, Math.floor(pods / most)));
}
