import { escapeRegex } from './regex';

/**
 * Default of `cpuQuery`: hours of CPU time in a window, by service where a pod says which one it is, else by pod. It names
 * the plugin's own measure, which is read by several queries instead (`promqlUsage.ts`) and is more exact.
 */
export const defaultCpuQuery = byServiceOrPod(
  'last_over_time(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",container!="",container!="POD"}[{{reach}}])',
  'sum by (namespace, pod) (increase(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",' +
    'container!="",container!="POD"}[{{range}}])) / 3600'
);

/** Templates of hours that pods have, in two steps for the sake of clusters in which few of many pods have some. */
export interface PodQuery {
  /** PromQL template of the pods that have hours in a window or shortly before it. */
  pods: string;
  /** PromQL template of the hours. `only` narrows series that all pods have: a matcher of `ofPods`, or nothing. */
  template: (only: string) => string;
}

function podQuery(pods: string, hoursByPod: (only: string) => string): PodQuery {
  return { pods: `group by (pod) (${pods})`, template: (only) => byServiceOrPod(pods, hoursByPod(only), only) };
}

/** Hours for which GPUs were allocated to pods. */
export const allocatedGpu = podQuery(
  'last_over_time(kube_pod_container_resource_requests{namespace=~"{{services_namespace}}.*",resource="nvidia_com_gpu"}[{{reach}}])',
  (only) =>
    'sum by (namespace, pod) (sum_over_time((last_over_time(kube_pod_container_resource_requests{namespace=~"{{services_namespace}}.*",' +
    'resource="nvidia_com_gpu"}[{{look_back}}]) unless on (namespace, pod) last_over_time(kube_pod_completion_time{' +
    `namespace=~"{{services_namespace}}.*"${only}}[5m]))[{{range}}:1m])) / 60`
);

/**
 * Default of `gpuQuery`: hours for which GPUs were allocated to pods, at a resolution of one minute. The object of a
 * completed pod stays for a while and holds no GPU any more.
 *
 * A sample counts for `{{look_back}}`, which is hardly more than the time to the next one. What an engine takes for present
 * by itself depends on markers that back-filled samples lack, and VictoriaMetrics looks back otherwise than Prometheus.
 */
export const defaultGpuQuery = allocatedGpu.template('');

/**
 * Series of GPUs in percent of being busy, by pod, as NVIDIA's DCGM exporter sees them and `read` makes something of their
 * selectors. Prometheus keeps the pod under either name.
 */
function ofBusyGpus(read: (selector: string) => string): string {
  const own = read('DCGM_FI_DEV_GPU_UTIL{namespace=~"{{services_namespace}}.*",pod!="",exported_pod=""}');
  const exported = read('DCGM_FI_DEV_GPU_UTIL{exported_namespace=~"{{services_namespace}}.*",exported_pod!=""}');
  const renamed =
    `label_replace(label_replace(${exported}, "pod", "$1", "exported_pod", "(.*)"),` +
    ' "namespace", "$1", "exported_namespace", "(.*)")';
  return `(${own} or ${renamed})`;
}

/** Hours in which GPUs were busy. */
export const busyGpu = podQuery(
  ofBusyGpus((selector) => `last_over_time(${selector}[{{reach}}])`),
  () =>
    `sum by (namespace, pod) (${ofBusyGpus(
      (selector) => `sum_over_time(last_over_time(${selector}[{{look_back}}])[{{range}}:1m])`
    )}) / 6000`
);
export const activeGpuQuery = busyGpu.template('');

/** Hours of the GPU metric that OSCAR's own queries name; no known exporter delivers it. */
export const oscarGpuQuery =
  'sum by (oscar_service, service, pod) (increase(container_gpu_usage_seconds_total{' +
  'namespace=~"{{services_namespace}}.*"}[{{range}}])) / 3600';

/**
 * Default of `inventoryQuery`: one series per deployed service; OSCAR keeps one ConfigMap for each. Without `honor_labels`, the
 * ConfigMap's namespace is `exported_namespace`.
 */
export const defaultInventoryQuery =
  'group by (label_oscar_service) (kube_configmap_labels{namespace=~"{{services_namespace}}.*",label_oscar_service!=""} or ' +
  'kube_configmap_labels{exported_namespace=~"{{services_namespace}}.*",label_oscar_service!=""})';

/** Series that tell whether GPUs are scraped at all, for an answer without a series: pods that ask for some, or nodes with some. */
export const gpuEvidence =
  '{__name__=~"kube_pod_container_resource_requests|kube_node_status_allocatable",resource="nvidia_com_gpu"}';
export const activeGpuEvidence = 'DCGM_FI_DEV_GPU_UTIL';
export const oscarGpuEvidence = 'container_gpu_usage_seconds_total';

/**
 * Joins hours per pod with the service that kube-state-metrics knows for the pod, else with the name of the pod, from
 * which the service is then read. `pods` must have a series of each of these pods, else its hours would be
 * lost: a subquery sees samples from before the window, hence all look back by `{{reach}}`. The hours, which cost
 * most, are computed once.
 */
function byServiceOrPod(pods: string, hoursByPod: string, only = ''): string {
  const services =
    'max by (namespace, pod, label_oscar_service) (last_over_time(kube_pod_labels{namespace=~"{{services_namespace}}.*",' +
    `label_oscar_service!=""${only}}[{{reach}}]))`;
  const named = `label_replace(group by (namespace, pod) (${pods}), "oscar_pod", "$1", "pod", "(.*)")`;
  return (
    `label_replace(sum by (label_oscar_service, oscar_pod) ((${hoursByPod}) * on (namespace, pod) ` +
    `group_left (label_oscar_service, oscar_pod) (${services} or on (namespace, pod) ${named})), "pod", "$1", "oscar_pod", "(.+)")`
  );
}

const placeholders = ['services_namespace', 'namespace', 'service', 'range', 'look_back', 'reach'] as const;

/** How far back Prometheus looks for the last sample of a series by default. */
export const usualLookBackMs = 300_000;

/** Labels of a pod are looked for at least this long before a window: kube-state-metrics may be scraped less often. */
const leastReachMs = 600_000;

/**
 * Fills a PromQL template. `{{services_namespace}}`, or `{{namespace}}` as OSCAR's own defaults have it, is matched as a prefix by
 * the templates and therefore escaped for a regular expression; `{{service}}` stands for all services. `{{range}}` becomes the duration of a window in ms,
 * `{{look_back}}` the time for which a sample counts, `{{reach}}` both together, the latter at least ten minutes.
 * Throws an `Error` that names an unknown placeholder.
 */
export function expandTemplate(
  template: string,
  {
    servicesNamespace,
    windowMs,
    lookBackMs = usualLookBackMs,
  }: { servicesNamespace: string; windowMs: number; lookBackMs?: number }
): string {
  const namespace = escapeInString(escapeRegex(servicesNamespace));
  const valueOf: Record<(typeof placeholders)[number], string> = {
    services_namespace: namespace,
    namespace,
    service: '.*',
    range: `${windowMs}ms`,
    look_back: `${lookBackMs}ms`,
    reach: `${windowMs + Math.max(lookBackMs, leastReachMs)}ms`,
  };
  return template.replace(/\{\{\s*([^{}]*?)\s*\}\}/g, (_, name: string) => {
    if (!isPlaceholder(name)) {
      const known = placeholders.map((one) => `{{${one}}}`).join(', ');
      throw new Error(`unknown placeholder {{${name}}} in a query template; known are ${known}`);
    }
    return valueOf[name];
  });
}

function isPlaceholder(name: string): name is (typeof placeholders)[number] {
  return placeholders.some((one) => one === name);
}

/** Escapes what has a meaning inside a double-quoted PromQL string. */
export function escapeInString(text: string): string {
  return text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n');
}

/** Matcher of the series of these pods, to follow other matchers. */
export function ofPods(pods: readonly string[]): string {
  return `,pod=~"${escapeInString(pods.map(escapeRegex).join('|'))}"`;
}

/** Pods with a container in the window, for clusters whose deployed services can't be listed. */
export const runningPodsQuery =
  'group by (namespace, pod) (last_over_time(container_cpu_usage_seconds_total{' +
  'namespace=~"{{services_namespace}}.*",container!="",container!="POD"}[{{range}}])) or ' +
  'group by (exported_namespace, pod) (label_replace(last_over_time(container_cpu_usage_seconds_total{' +
  'exported_namespace=~"{{services_namespace}}.*"}[{{range}}]), "pod", "$1", "exported_pod", "(.+)"))';
