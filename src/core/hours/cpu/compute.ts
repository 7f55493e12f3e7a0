import { serviceOfLabel } from '../../domain/podName';
import { unattributedService } from '../../domain/serviceName';
import { type Span } from '../../domain/span';
import { ExactSum, exactSum, ExactSums } from '../../domain/sums';
import { type AttributedHours, sumByService } from '../attribution';
import { secondsPerHour } from '../sums';
import { type Completions, noCompletions, unsampledHours } from './completedPods';
import { type Container } from './counters/containers';
import { countedInAll, expectedTails, hasUnknownTwins } from './counters/containerUse';
import { type CpuFacts } from './facts';
import { type PodFacts, samplesIn } from './podFacts';
import { type PodParts } from './podParts';
import { type PodSelection } from './podSelection';
import { type QuarterSeconds, secondsOfQuarters } from './quarterHours';
import { type CpuWindowView, type UnsampledPods } from './window';

/** Cores that no pod is believed to have used on average, of a counter whose beginning is not known. */
const maxCores = 32;

/** Computes the CPU hours of the windows of a run, in order. */
export function computeWindows(facts: CpuFacts): CpuWindowView[] {
  return facts.pods.windows.map((window, index) => {
    const pods = hoursOfPods(window, facts.pods, samplesIn(facts.pods, index));
    const podless = hoursOfPodless(facts.podless[index] ?? []);
    const { hours: completed, unsampled } = hoursOfCompleted(
      facts.completions[index] ?? noCompletions(),
      facts.days[index] ?? noCompletions()
    );
    return viewOf(window, facts.pods, { pods, podless, completed, unsampled });
  });
}

interface Findings {
  pods: PodHours;
  podless: readonly AttributedHours[];
  completed: readonly AttributedHours[];
  unsampled: UnsampledPods;
}

function viewOf(
  { start, end, silent }: Span & PodSelection,
  { parts }: PodFacts,
  { pods, podless, completed, unsampled }: Findings
): CpuWindowView {
  const unnamed = podless.filter(({ scheme }) => scheme === 'none');
  return {
    start,
    end,
    ...sumByService([...pods.hours, ...podless, ...completed]),
    unsampled,
    withHistory: pods.withHistory,
    cgroupHours: pods.cgroupHours,
    twins: pods.twins,
    hasPodless: parts.podless.has(end - 1),
    podlessHours: exactSum(unnamed.map(({ hours }) => hours)),
    hasNameless: parts.podless.size === 0 && parts.nameless.has(end - 1),
    silentPods: silent.length,
  };
}

/** What the counters of pods show. */
interface PodHours extends Pick<CpuWindowView, 'withHistory' | 'cgroupHours' | 'twins'> {
  hours: readonly AttributedHours[];
}

/**
 * What pods used up to the end of a window less what they used up to its start, so that adjacent windows add up whatever
 * their ends. A counter without a sample before the window began at 0 inside it.
 */
function hoursOfPods(
  window: Span & PodSelection,
  { parts, services, maxAtFirst, oldUntil }: PodFacts,
  samplesOf: (key: string) => Container[]
): PodHours {
  const { start, end, endedByEnd, endedByStart, completedWithSamples, bySamples } = window;
  const counted = [...bySamples].map(
    (key) => [key, countedInAll(samplesOf(key), { from: start - 1, to: end - 1, maxAtFirst, oldUntil })] as const
  );
  const seconds = new ExactSums<string>();
  const addShown = (sign: 1 | -1) => (value: number, key: string) =>
    bySamples.has(key) ? seconds : seconds.add(key, sign * value);
  parts.until.at(end - 1).forEach(addShown(1));
  parts.before.at(end - 1).forEach(addShown(-1));
  counted.forEach(([key, one]) => seconds.add(key, one.seconds));
  endedByEnd.forEach((key) => seconds.add(key, expectedTails(samplesOf(key), end - 1)));
  endedByStart.forEach((key) => seconds.add(key, -expectedTails(samplesOf(key), start - 1)));
  const cgroups = countedByCgroups(window, parts);
  cgroups.seconds.forEach((used, key) => seconds.add(key, used));
  const read = [...endedByEnd, ...completedWithSamples, ...bySamples];
  const withTwins = read.filter((key) => hasUnknownTwins(samplesOf(key)));
  return {
    hours: [...seconds.toMap()].map(([key, used]) => ({ ...services.of(key, end - 1), hours: used / secondsPerHour })),
    withHistory: counted.filter(([, { hasHistory }]) => hasHistory).length,
    cgroupHours: cgroups.hours,
    twins: new Set([...withTwins, ...parts.twins.at(end - 1).keys()]).size,
  };
}

/** What the cgroups of pods show of which there is no counter of a container: CPU seconds by pod, and hours in doubt. */
function countedByCgroups(
  { start, end }: Span,
  { until, ofCgroup }: PodParts
): { seconds: ReadonlyMap<string, number>; hours: number } {
  const at = end - 1;
  const before = ofCgroup.before.at(at);
  const most = (maxCores * (end - start)) / 1000;
  const seconds = new Map<string, number>();
  const hours = new ExactSum();
  for (const [key, shown] of ofCgroup.until.at(at)) {
    const used = Math.max(shown - (before.get(key) ?? 0), 0);
    // What a counter showed when it was first seen may be of long before.
    seconds.set(key, before.has(key) || used <= most ? used : 0);
    hours.add(used / secondsPerHour);
  }
  // What was used between the last sample of the cgroup and the first one of a container is not known.
  before.forEach((shown, key) => {
    hours.add(until.at(at).has(key) ? shown / secondsPerHour : 0);
  });
  return { seconds, hours: hours.value };
}

/** Hours of counters without a pod, by what OSCAR's label `service` says. */
function hoursOfPodless(quarters: readonly QuarterSeconds[]): AttributedHours[] {
  return [...secondsOfQuarters(quarters)].map(([label, seconds]) => {
    const service = serviceOfLabel(label) ?? unattributedService;
    const scheme = service === unattributedService ? 'none' : 'service';
    return { service, scheme, hours: seconds / secondsPerHour };
  });
}

/** What completed pods used after their last sample, and an estimate for those without a sample. */
function hoursOfCompleted(own: Completions, day: Completions): { hours: AttributedHours[]; unsampled: UnsampledPods } {
  const tails = [...own.afterLastSample].map(([service, seconds]) => ({
    service,
    hours: seconds / secondsPerHour,
  }));
  const estimates = [...unsampledHours(own, day)].map(([service, hours]) => ({
    service,
    pods: own.unsampledPods.get(service) ?? 0,
    lifeHours: (own.unsampledLife.get(service) ?? 0) / secondsPerHour,
    isKnown: hours !== undefined,
    hours: hours ?? 0,
  }));
  const sum = (value: (estimate: (typeof estimates)[number]) => number) => exactSum(estimates.map(value));
  return {
    hours: [...tails, ...estimates].map(({ service, hours }) => ({ service, scheme: 'labels', hours })),
    unsampled: {
      pods: sum(({ pods }) => pods),
      lifeHours: sum(({ lifeHours }) => lifeHours),
      hours: sum(({ hours }) => hours),
      unestimatedLifeHours: sum(({ isKnown, lifeHours }) => (isKnown ? 0 : lifeHours)),
    },
  };
}
