import { escapeInString, escapeRegex, ofPods } from './promql';
import { duration, marked, union, withServiceOfName } from './promqlText';

/** A window of CPU time as the queries see it: it ends at the evaluation time and is open at its start. */
export interface CpuWindow {
  /** Prefix of the services' namespaces. */
  servicesNamespace: string;
  windowMs: number;
  /** How far before the window a counter's last value is looked for. */
  lookbackMs: number;
  /** Mean time between two samples of a counter. */
  scrapeMs: number;
  /** True when kube-state-metrics tells when pods were completed. */
  hasLifetimes: boolean;
}

/**
 * How long after its last sample a pod is taken for ended. Longer than kube-state-metrics needs to tell of a
 * completion, so that an end is judged alike in whatever window it falls.
 */
export const endedAfterMs = 600_000;

/** Label with the service that kube-state-metrics knows, and label with the service that a pod's name tells. */
export const knownServiceLabel = 'label_oscar_service';
export const namedServiceLabel = 'oscar_pod_service';
/** Label that tells the figures of one answer apart. */
export const partLabel = 'oscar_part';

/** Rates above this many cores are not believed of a counter's first sample. */
const mostCores = 32;

/** CPU seconds that a counter may show when it is first seen and still have begun at 0 since the last scrape. */
export function mostAtFirst({ scrapeMs }: CpuWindow, believeFirst: boolean): number {
  return believeFirst ? (mostCores * scrapeMs) / 1000 : 0;
}

/** Below this a pod with one sample counts little, and asking for the time of every sample costs too much. */
const timedFromMs = 45_000;

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

function lastOfPod(metric: string, servicesNamespace: string, rangeMs: number, offset = ''): string {
  const selector = `${metric}{${namespaces(servicesNamespace)}}`;
  return `max by (namespace, pod) (last_over_time(${selector}[${duration(rangeMs)}]${offset}))`;
}

const completion = 'kube_pod_completion_time';

/**
 * CPU seconds that pods used up to a moment, as far as samples tell: a counter's last value, and for a container that has
 * ended half of its last increment, because it ended somewhere between two scrapes. With one sample it lived as long
 * after as before it, on average. Pods with a known completion get what is missing by `readCompletions`.
 */
function usedUpTo(window: CpuWindow, rangeMs: number, offset: string, sign: '' | '-'): string[] {
  const { servicesNamespace, hasLifetimes } = window;
  const counters = podCounters(servicesNamespace);
  const samples = `${counters}[${duration(rangeMs)}]${offset}`;
  const last = `last_over_time(${samples})`;
  // Of one sample VictoriaMetrics gives a difference, too: from 0.
  const increment = `(clamp_min(idelta(${samples}), 0) and (count_over_time(${samples}) > 1))`;
  const lastHalf = `(${increment} / 2 or ${last})`;
  const alive = `last_over_time(${counters}[${duration(endedAfterMs)}]${offset})`;
  const completed = hasLifetimes
    ? ` unless on (namespace, pod) ${lastOfPod(completion, servicesNamespace, rangeMs, offset)}`
    : '';
  const side = sign === '-' ? 'before' : 'until';
  return [
    marked(`${sign}${last}`, partLabel, `${side}`),
    marked(`${sign}(${lastHalf} unless ${alive}${completed})`, partLabel, `${side}-half`),
  ];
}

/**
 * CPU seconds by pod in a window: what was used up to its end less what was used up to its start, so that adjacent
 * windows add up whatever their ends. A counter without a sample before the window began at 0 inside it.
 */
function usedByPod(window: CpuWindow): string {
  const { windowMs, lookbackMs } = window;
  const parts = [
    ...usedUpTo(window, windowMs + lookbackMs, '', ''),
    ...usedUpTo(window, lookbackMs, ` offset ${duration(windowMs)}`, '-'),
  ];
  return `sum by (namespace, pod) (${union(...parts)})`;
}

/**
 * CPU seconds by service: those that kube-state-metrics knows, those that names tell, and a rest without a label. The
 * services are joined to the pods, not the pods to each kind of service, so that the costly part is computed once.
 */
export function cpuByService(window: CpuWindow, { known, named }: { known: boolean; named: boolean }): string {
  const { servicesNamespace, windowMs, lookbackMs } = window;
  const range = windowMs + lookbackMs;
  const labels = podLabels(servicesNamespace, range);
  const pods = `group by (namespace, pod) (last_over_time(${podCounters(servicesNamespace)}[${duration(range)}]))`;
  const rest = withServiceOfName(known ? `(${pods} unless on (namespace, pod) ${labels})` : pods, namedServiceLabel);
  const services = union(...(known ? [labels] : []), ...(named ? [rest] : []));
  const ofBoth = `${knownServiceLabel}, ${namedServiceLabel}`;
  return `sum by (${ofBoth}) (${usedByPod(window)} * on (namespace, pod) group_left (${ofBoth}) (${services}))`;
}

/** What there is in a window: numbers of pods or series, by `oscar_part`. A part that is not there is absent. */
export function cpuPresence({ servicesNamespace, windowMs, lookbackMs }: CpuWindow): string {
  const range = windowMs + lookbackMs;
  const pods = `group by (namespace, pod) (last_over_time(${podCounters(servicesNamespace)}[${duration(range)}]))`;
  const labels = podLabels(servicesNamespace, range);
  // Of a short window the cell counts that it lies in.
  const collapsed = `last_over_time(${collapsedCounters(servicesNamespace)}[${duration(Math.max(windowMs, cellMs))}])`;
  return union(
    marked(`count(${pods})`, partLabel, 'pods'),
    marked(`count(${pods} and on (namespace, pod) ${labels})`, partLabel, 'known'),
    marked(`count(${collapsed})`, partLabel, 'collapsed'),
    marked(`count(${lastOfPod(completion, servicesNamespace, range)})`, partLabel, 'completed')
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

/** The samples of single pods, with all of their labels. */
export function samplesOfPods({ servicesNamespace }: CpuWindow, pods: readonly string[], rangeMs: number): string {
  return `${podCounters(servicesNamespace, ofPods(pods))}[${duration(rangeMs)}]`;
}

/** Which services kube-state-metrics knows of single pods. */
export function labelsOfPods({ servicesNamespace }: CpuWindow, pods: readonly string[], rangeMs: number): string {
  return podLabels(servicesNamespace, rangeMs, ofPods(pods));
}

/** When the pods whose completion became known in a window were completed, by pod, in seconds since the epoch. */
export function endedPods({ servicesNamespace, windowMs, lookbackMs }: CpuWindow): string {
  const until = endedAfterMs / 1000;
  const since = (windowMs + endedAfterMs) / 1000;
  const ended = lastOfPod(completion, servicesNamespace, windowMs + lookbackMs);
  return `(${ended} > (time() - ${since})) <= (time() - ${until})`;
}

/**
 * When pods were started on their nodes, in seconds since the epoch; where that is not told, when they were created, which
 * is never later.
 */
export function startedPods({ servicesNamespace, windowMs, lookbackMs }: CpuWindow): string {
  const selector = `{__name__=~"kube_pod_start_time|kube_pod_created",${namespaces(servicesNamespace)}}`;
  return `max by (namespace, pod) (last_over_time(${selector}[${duration(windowMs + lookbackMs)}]))`;
}

/**
 * About the last samples of single pods, by pod and `oscar_part`. `used`: CPU seconds up to then. The time of a sample is
 * not in its value: where scrapes are few it is asked for (`sampled`, in seconds since the epoch), because one sample then
 * gives the rate of the whole life. Where they are frequent, the last two samples give the rate (`rate`, in cores).
 *
 * To be asked of named pods: looking for the times of all pods at once costs the engine pods times minutes.
 */
export function lastOfPods(window: CpuWindow, pods: readonly string[]): string {
  const { servicesNamespace, windowMs, lookbackMs, scrapeMs } = window;
  const range = duration(windowMs + lookbackMs);
  const counters = podCounters(servicesNamespace, ofPods(pods));
  const times = `max_over_time(timestamp(${counters})[${range}:${duration(scrapeMs)}])`;
  return union(
    marked(`sum by (namespace, pod) (last_over_time(${counters}[${range}]))`, partLabel, 'used'),
    scrapeMs >= timedFromMs
      ? marked(`max by (namespace, pod) (${times})`, partLabel, 'sampled')
      : marked(`sum by (namespace, pod) (irate(${counters}[${range}]))`, partLabel, 'rate')
  );
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
