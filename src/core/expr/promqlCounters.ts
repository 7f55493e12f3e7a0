import { escapeInString } from './promql';
import { duration, marked } from './promqlText';
import { escapeRegex } from './regex';

/**
 * How a Prometheus labels what the plugin reads. It names only what may be there: expressions for labels that no series has
 * give the same hours and cost more.
 */
export interface Labelling {
  /** Some counters bear the labels of their container as `exported_*`: cAdvisor is scraped without `honor_labels`. */
  exportedCounters: boolean;
  /** Some counters of containers bear no `id` of their cgroup, as those of the kubelet's `/metrics/resource`. */
  withoutId: boolean;
  /** Some of kube-state-metrics' series bear the labels of their object as `exported_*`. */
  exportedObjects: boolean;
}

/** Of which series something is asked. */
export interface Counted {
  /** Prefix of the services' namespaces. */
  servicesNamespace: string;
  labelling: Labelling;
}

const metric = 'container_cpu_usage_seconds_total';

function startsWith(servicesNamespace: string): string {
  return `=~"${escapeInString(escapeRegex(servicesNamespace))}.*"`;
}

/** Matcher of the services' namespaces. */
function namespaces(servicesNamespace: string): string {
  return `namespace${startsWith(servicesNamespace)}`;
}

function exportedNamespaces(servicesNamespace: string): string {
  return `exported_namespace${startsWith(servicesNamespace)}`;
}

/** Gives a vector the labels that its series have as `exported_*`. */
function renamed(expr: string): string {
  return ['namespace', 'pod', 'container', 'node'].reduce(
    (inner, label) => `label_replace(${inner}, "${label}", "$1", "exported_${label}", "(.+)")`,
    `(${expr})`
  );
}

/** Matchers of pods by name under either label. */
export interface PodMatchers {
  pod: string;
  exported_pod: string;
}

const anyPod: PodMatchers = { pod: '', exported_pod: '' };

/** Counters of single containers with the name of their pod; the pod's cgroup (`container=""`) repeats them. */
function ownContainers(servicesNamespace: string, more = ''): string {
  return `${metric}{${namespaces(servicesNamespace)},container!="",container!="POD",pod!=""${more}}`;
}

/**
 * The same where another exporter's labels took their place: of a target with a container of its own, and of one without any
 * labels of a pod, as the kubelet, whose namespace is that of its Kubernetes Service.
 */
function exportedContainers(servicesNamespace: string, { pod, exported_pod }: PodMatchers): string[] {
  const from = `${metric}{${exportedNamespaces(servicesNamespace)}`;
  return [
    `${from},exported_container!="",exported_container!="POD"${exported_pod}}`,
    `${from},exported_container="",exported_pod="",container!="",container!="POD",pod!=""${pod}}`,
  ];
}

/** All selectors of the counters of single containers, which need a query each where it reads samples. */
export function containerSelectors({ servicesNamespace, labelling }: Counted, pods = anyPod): string[] {
  return [
    ownContainers(servicesNamespace, pods.pod),
    ...(labelling.exportedCounters ? exportedContainers(servicesNamespace, pods) : []),
  ];
}

/** What a function of selectors makes of all counters of single containers. */
export function ofContainers({ servicesNamespace, labelling }: Counted, read: (selector: string) => string): string {
  const own = read(ownContainers(servicesNamespace));
  const exported = exportedContainers(servicesNamespace, anyPod).map(read).join(' or ');
  return labelling.exportedCounters ? `(${own} or ${renamed(exported)})` : own;
}

/**
 * Counters of which nothing but the pod is known: its cgroup, and containers that can't be distinguished from it. They matter for pods
 * without a counter of a container.
 */
function podCounters({ servicesNamespace, labelling }: Counted, read: (selector: string) => string): string {
  const cgroups = [`${metric}{${namespaces(servicesNamespace)},container="",pod!=""}`].map(read);
  const from = `${metric}{${exportedNamespaces(servicesNamespace)},exported_container=""`;
  const exported = [`${from},container=""}`, `${from},container!="",container!="POD",exported_pod!=""}`].map(read);
  const all = labelling.exportedCounters ? `(${cgroups.join()} or ${renamed(exported.join(' or '))})` : cgroups.join();
  return `sum by (namespace, pod) (max by (namespace, pod, container) (${all}))`;
}

/**
 * What distinguishes the cgroup of a container from others: its own part of the path, as every runtime and version of cgroups has it. What
 * lies below it is counted in it. A node that is a container itself (kind, k3d) shows each cgroup under two paths, and the path
 * to a node that is a pod holds that pod, too: the last hierarchy of pods counts.
 */
export const cgroupPattern =
  '(?:.*kubepods)?.*?[/-]pod[^/]*/(?:cri-containerd-|crio-|docker-|libpod-)?([^/]+?)(?:[.]scope)?(?:/.*)?|(.+)';

/**
 * Each counter of a container, whatever it was scraped by: twins differ in the labels of their targets (two addresses, jobs or
 * paths of a kubelet, replicas of Prometheus), and the greatest value is the latest. `id` and `name` distinguish the starts of a container.
 *
 * @param processors how the counters of single processors become one
 */
function counters(counted: Counted, processors: 'sum' | 'max', read: (selector: string) => string): string {
  return `max by (namespace, pod, container, id, name) (${processors} without (cpu) (${ofContainers(counted, read)}))`;
}

/**
 * What counters show, under a label: `part` of those of containers, `pod-<part>` of others, by pod. `range` follows the selector.
 */
export function shownCounters(counted: Counted, range: string, label: string, part: string): string {
  const read = (selector: string) => `last_over_time(${selector}${range})`;
  const containers = marked(counters(counted, 'sum', read), label, part);
  return `${containers} or on (namespace, pod) ${marked(podCounters(counted, read), label, `pod-${part}`)}`;
}

/** The number of samples of each counter of a container that has some. */
export function sampledCounters(counted: Counted, rangeMs: number): string {
  return counters(counted, 'max', (selector) => `count_over_time(${selector}[${duration(rangeMs)}])`);
}

/** Counters whose pod was dropped by OSCAR's relabelling, with or without a label `service`. */
export function podlessCounters(servicesNamespace: string): string {
  return `${metric}{${namespaces(servicesNamespace)},container!="",container!="POD",pod=""}`;
}

/** Counters of which neither the pod nor the container is known. */
export function namelessCounters(servicesNamespace: string): string {
  return `${metric}{${namespaces(servicesNamespace)},container="",pod=""}`;
}

/** What kube-state-metrics exports about the services' objects, with their own labels. `select` is a metric's name and brace. */
export function ofObjects({ servicesNamespace, labelling }: Counted, select: string, range: string): string {
  const read = (matcher: string) => `last_over_time(${select}${matcher}}${range})`;
  const own = read(namespaces(servicesNamespace));
  return labelling.exportedObjects ? `(${own} or ${renamed(read(exportedNamespaces(servicesNamespace)))})` : own;
}

/** The number of series of each kind that a `Labelling` names, by a label with its name. A kind without series is absent. */
export function labellingIn(servicesNamespace: string, rangeMs: number, label: string): string {
  const exported = exportedNamespaces(servicesNamespace);
  const withoutId = [
    ownContainers(servicesNamespace, ',id=""'),
    `${metric}{${exported},id="",exported_container!="POD",container!="POD"}`,
  ];
  const kinds: Record<keyof Labelling, string[]> = {
    exportedCounters: [`${metric}{${exported}}`],
    withoutId,
    exportedObjects: [
      `{__name__=~"kube_pod_labels|kube_pod_info|kube_pod_start_time|kube_pod_created|kube_pod_completion_time",${exported}}`,
    ],
  };
  return Object.entries(kinds)
    .map(([kind, selectors]) => {
      const series = selectors.map((selector) => `last_over_time(${selector}[${duration(rangeMs)}])`);
      return marked(`count(${series.join(' or ')})`, label, kind);
    })
    .join(' or ');
}

/** The services' pods and their nodes, in each step up to the evaluation time. */
export function nodesOfPods(counted: Counted, stepMs: number): string {
  return `group by (namespace, pod, node) (${ofObjects(counted, 'kube_pod_info{node!="",', `[${duration(stepMs)}]`)})`;
}

/**
 * Number of services' pods without a counter by node, of the nodes on which no container was scraped; in each step up to the
 * evaluation time.
 */
export function nodesWithoutSamples(counted: Counted, stepMs: number): string {
  const range = `[${duration(stepMs)}]`;
  const pods = nodesOfPods(counted, stepMs);
  const any = `${metric}{${namespaces(counted.servicesNamespace)},pod!=""}`;
  const counters = counted.labelling.exportedCounters
    ? `(last_over_time(${any}${range}) or ${ofContainers(counted, (selector) => `last_over_time(${selector}${range})`)})`
    : `last_over_time(${any}${range})`;
  const scraped =
    `group by (node) (${pods} and on (namespace, pod) ${counters}) or ` +
    `group by (node) (group by (namespace, pod, node) (kube_pod_info{node!=""}) and on (namespace, pod) ${metric}{container!="",pod!=""})`;
  return `count by (node) (${pods} unless on (namespace, pod) ${counters}) unless on (node) (${scraped})`;
}
