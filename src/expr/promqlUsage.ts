import { escapeInString, ofPods } from './promql';
import { duration, marked, union } from './promqlText';
import { escapeRegex } from './regex';

/** A window of CPU time as the queries see it: it ends at the evaluation time and is open at its start. */
export interface CpuWindow {
  /** Prefix of the services' namespaces. */
  servicesNamespace: string;
  windowMs: number;
  /** How far before the window a counter's last value is looked for. */
  lookbackMs: number;
  /** Mean time between two samples of a counter. */
  scrapeMs: number;
}

/**
 * How long after its last sample a pod is taken for ended. Longer than kube-state-metrics needs to tell of a
 * completion, so that an end is judged alike in whatever window it falls.
 */
export const endedAfterMs = 600_000;

/** Label with the service that kube-state-metrics knows. */
export const knownServiceLabel = 'label_oscar_service';
/** Label that tells the figures of one answer apart. */
export const partLabel = 'oscar_part';

/** Rates above this many cores are not believed of a counter's first sample. */
const mostCores = 32;

/** CPU seconds that a counter may show when it is first seen and still have begun at 0 since the last scrape. */
export function mostAtFirst({ scrapeMs }: CpuWindow, believeFirst: boolean): number {
  return believeFirst ? (mostCores * scrapeMs) / 1000 : 0;
}

function namespaces(servicesNamespace: string): string {
  return `namespace=~"${escapeInString(escapeRegex(servicesNamespace))}.*"`;
}

/** Counters of single containers with the name of their pod; the pod's cgroup (`container=""`) repeats them. */
export function podCounters(servicesNamespace: string, more = ''): string {
  return `container_cpu_usage_seconds_total{${namespaces(servicesNamespace)},container!="",container!="POD",pod!=""${more}}`;
}

/** Counters whose pod was dropped by OSCAR's relabelling, with or without a label `service`. */
export function collapsedCounters(servicesNamespace: string): string {
  return `container_cpu_usage_seconds_total{${namespaces(servicesNamespace)},container!="",container!="POD",pod=""}`;
}

/** One series per pod whose service kube-state-metrics knows. A pod has one service, whatever was relabelled. */
export function podLabels(servicesNamespace: string, rangeMs: number, more = ''): string {
  const selector = `kube_pod_labels{${namespaces(servicesNamespace)},${knownServiceLabel}!=""${more}}`;
  const all = `max by (namespace, pod, ${knownServiceLabel}) (last_over_time(${selector}[${duration(rangeMs)}]))`;
  return `topk by (namespace, pod) (1, ${all})`;
}

/**
 * What counters show, by pod and `oscar_part`: CPU seconds of the last samples `until` the end of a window and `before` it,
 * and the number of `collapsed` counters, without a pod. A part that is not there is absent.
 */
export function usedByPod({ servicesNamespace, windowMs, lookbackMs }: CpuWindow): string {
  const counters = podCounters(servicesNamespace);
  const sum = (range: string) => `sum by (namespace, pod) (last_over_time(${counters}${range}))`;
  // Of a short window the cell counts that it lies in.
  const collapsed = `last_over_time(${collapsedCounters(servicesNamespace)}[${duration(Math.max(windowMs, cellMs))}])`;
  return union(
    marked(sum(`[${duration(windowMs + lookbackMs)}]`), partLabel, 'until'),
    marked(sum(`[${duration(lookbackMs)}] offset ${duration(windowMs)}`), partLabel, 'before'),
    marked(`count(${collapsed})`, partLabel, 'collapsed')
  );
}

/**
 * How pods began and ended, by pod and `oscar_part`. Times are in seconds since the epoch.
 * - `ended`: some container has ended, and no completion of the pod is known;
 * - `completed`: when the pod was completed, in the window in which that became known;
 * - `started`: when it was started on its node; where that is not told, when it was created, which is never later.
 */
export function livesOfPods({ servicesNamespace, windowMs, lookbackMs }: CpuWindow): string {
  const range = `[${duration(windowMs + lookbackMs)}]`;
  const of = (selector: string) =>
    `max by (namespace, pod) (last_over_time(${selector}${namespaces(servicesNamespace)}}${range}))`;
  const completed = of('kube_pod_completion_time{');
  const counters = podCounters(servicesNamespace);
  const ended = `(last_over_time(${counters}${range}) unless last_over_time(${counters}[${duration(endedAfterMs)}]))`;
  const until = endedAfterMs / 1000;
  const since = (windowMs + endedAfterMs) / 1000;
  return union(
    marked(`group by (namespace, pod) (${ended} unless on (namespace, pod) ${completed})`, partLabel, 'ended'),
    marked(`(${completed} > (time() - ${since})) <= (time() - ${until})`, partLabel, 'completed'),
    marked(of('{__name__=~"kube_pod_start_time|kube_pod_created",'), partLabel, 'started')
  );
}

/**
 * Counters that don't fit "began at 0, only grows", by pod and `oscar_part`: `reset`: number of resets; `history`: CPU
 * seconds that a counter already showed when it was first seen, as after a change of labels.
 */
export function cpuOddities(window: CpuWindow, believeFirst: boolean): string {
  const { servicesNamespace, windowMs, lookbackMs } = window;
  const counters = podCounters(servicesNamespace);
  const most = mostAtFirst(window, believeFirst);
  const resets = `resets(${counters}[${duration(windowMs + lookbackMs)}])`;
  const before = `last_over_time(${counters}[${duration(lookbackMs)}] offset ${duration(windowMs)})`;
  const first = `(min_over_time(${counters}[${duration(windowMs)}]) > ${most}) unless ${before}`;
  return union(
    marked(`sum by (namespace, pod) (${resets}) > 0`, partLabel, 'reset'),
    marked(`sum by (namespace, pod) (${first})`, partLabel, 'history')
  );
}

/** The samples of single pods, or of all, with all of their labels. */
export function samplesOfPods(
  { servicesNamespace }: CpuWindow,
  pods: readonly string[] | undefined,
  rangeMs: number
): string {
  return `${podCounters(servicesNamespace, pods && ofPods(pods))}[${duration(rangeMs)}]`;
}

/** Which services kube-state-metrics knows of single pods. */
export function labelsOfPods({ servicesNamespace }: CpuWindow, pods: readonly string[], rangeMs: number): string {
  return podLabels(servicesNamespace, rangeMs, ofPods(pods));
}

/** Length of the cells in which counters without a pod are measured. Divides every time zone's offset. */
export const cellMs = 900_000;

/**
 * CPU seconds by OSCAR's label `service`, of counters in which the pods of a service are collapsed, summed over whole
 * cells up to the evaluation time. Their values jump from pod to pod, so that only `increase` makes sense of them; it
 * is given by the cell, so that adjacent windows add up.
 */
export function collapsedCpu(servicesNamespace: string, windowMs: number): string {
  const cell = `increase(${collapsedCounters(servicesNamespace)}[${duration(cellMs)}])`;
  return `sum by (service) (sum_over_time((${cell})[${duration(windowMs)}:${duration(cellMs)}]))`;
}
