import { resourceLabel, serviceLabels } from '../domain/podLabels';
import { ofPods } from './promql';
import {
  podlessCounters,
  containerSelectors,
  type Counted,
  namelessCounters,
  ofContainers,
  ofObjects,
  sampledCounters,
  shownCounters,
} from './promqlCounters';
import { duration, marked, union } from './promqlText';

/** A window of CPU time as the queries see it: it ends at the evaluation time and is open at its start. */
export interface CpuWindow extends Counted {
  windowMs: number;
  /** How far before the window a counter's last value is looked for. */
  lookbackMs: number;
  /** Mean time between two samples of a counter. */
  scrapeMs: number;
}

/**
 * How long after its last sample a pod counts as ended. Longer than kube-state-metrics needs to export a
 * completion, so that an end is treated alike in whatever window it falls.
 */
export const endedAfterMs = 600_000;

/** Label that distinguishes the parts of one answer. */
export const partLabel = 'oscar_part';

/** Rates above this many cores are not believed of a counter's first sample. */
const maxCores = 32;

/** CPU seconds that a counter may show when it is first seen and still have begun at 0 since the last scrape. */
export function mostAtFirst({ scrapeMs }: CpuWindow, believeFirst: boolean): number {
  return believeFirst ? (maxCores * scrapeMs) / 1000 : 0;
}

/**
 * Every label that may lead from a pod to its service, of each pod that kube-state-metrics knows. It may see a pod a little later
 * than the first sample of its counters, so that the labels of some minutes after the window count, too: a window that ends in
 * between would give hours to `(unattributed)` that a longer one gives to the service.
 */
export function podLabels(counted: Counted, rangeMs: number): string {
  const labels = [...serviceLabels.map(({ label }) => label), resourceLabel].join(', ');
  const range = `[${duration(rangeMs + endedAfterMs)}] offset -${duration(endedAfterMs)}`;
  const series = ofObjects(counted, 'kube_pod_labels{', range);
  return `group by (namespace, pod, ${labels}) (${series})`;
}

/**
 * What counters show, by `oscar_part`; a part that is not there is absent.
 * - Of each counter of a container: `until` the end of a window and `before` it, CPU seconds of the last sample; `lately`, the number
 *   of samples shortly before the end; `together`, the same over the time by which twins are known, where that is longer.
 * - By pod: `pod-until` and `pod-before`, CPU seconds of pods without a counter of a container; `reset`: a counter was reset.
 * - The number of counters without a pod (`podless`), and without a pod and a container (`nameless`).
 */
export function shownIn(window: CpuWindow): string {
  const { servicesNamespace, windowMs, lookbackMs, scrapeMs } = window;
  const whole = `[${duration(windowMs + lookbackMs)}]`;
  const before = `[${duration(lookbackMs)}] offset ${duration(windowMs)}`;
  // For a short window, the quarter hour that it lies in counts.
  const quarter = `[${duration(Math.max(windowMs, quarterHourMs))}]`;
  const resets = ofContainers(window, (selector) => `resets(${selector}${whole})`);
  const togetherMs = twinsWithinMs(scrapeMs);
  return union(
    shownCounters(window, whole, partLabel, 'until'),
    shownCounters(window, before, partLabel, 'before'),
    marked(sampledCounters(window, endedAfterMs), partLabel, 'lately'),
    ...(togetherMs > endedAfterMs ? [marked(sampledCounters(window, togetherMs), partLabel, 'together')] : []),
    marked(`group by (namespace, pod) (${resets} > 0)`, partLabel, 'reset'),
    marked(`count(last_over_time(${podlessCounters(servicesNamespace)}${quarter}))`, partLabel, 'podless'),
    marked(`count(last_over_time(${namelessCounters(servicesNamespace)}${quarter}))`, partLabel, 'nameless')
  );
}

/** How far before the end of a window counters are compared to find twins, in ms, by the mean time between two samples. */
export function twinsWithinMs(scrapeMs: number): number {
  return Math.max(endedAfterMs, 4 * scrapeMs);
}

/**
 * How pods began and ended, by pod and `oscar_part`. Times are in seconds since the epoch.
 * - `completed`: when the pod was completed;
 * - `started`: when it was started on its node; where that is not known, when it was created, which is never later; 1 where
 *   nothing but the pod is known.
 */
export function livesOfPods(window: CpuWindow): string {
  const { windowMs, lookbackMs } = window;
  const range = `[${duration(windowMs + lookbackMs)}]`;
  const of = (select: string) => `max by (namespace, pod) (${ofObjects(window, select, range)})`;
  return union(
    marked(of('kube_pod_completion_time{'), partLabel, 'completed'),
    marked(of('{__name__=~"kube_pod_start_time|kube_pod_created|kube_pod_info",'), partLabel, 'started')
  );
}

/** Selectors of the samples of single pods, or of all, with all of their labels. */
export function samplesOfPods(counted: Counted, pods: readonly string[] | undefined, rangeMs: number): string[] {
  const matchers = pods && { pod: ofPods(pods), exported_pod: ofPods(pods).replace('pod=', 'exported_pod=') };
  return containerSelectors(counted, matchers).map((selector) => `${selector}[${duration(rangeMs)}]`);
}

/** Length of the quarter hours in which counters without a pod are measured. Divides every time zone's offset. */
export const quarterHourMs = 900_000;

/** What may set the series of one target apart from its twins', which repeat it. */
const twinLabels = 'job, endpoint, metrics_path, prometheus, prometheus_replica, replica';

/**
 * CPU seconds by OSCAR's label `service`, of counters without a pod, summed over whole quarter hours up to the evaluation
 * time. Their values jump from pod to pod, so only `increase` makes sense of them; it is taken by the quarter hour, so that
 * adjacent windows add up.
 */
export function podlessCpu(servicesNamespace: string, windowMs: number): string {
  const quarter = `max without (${twinLabels}) (increase(${podlessCounters(servicesNamespace)}[${duration(quarterHourMs)}]))`;
  return `sum by (service) (sum_over_time((${quarter})[${duration(windowMs)}:${duration(quarterHourMs)}]))`;
}
