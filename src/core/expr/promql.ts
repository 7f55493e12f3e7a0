import { escapeRegex } from './regex';

/**
 * Default of `cpuQuery`: hours of CPU time in a window, by service where a pod says which one it is, else by pod. It stands for
 * the plugin's own measure, which is made by several queries instead (`promqlCpu.ts`) and is more exact. A data source that
 * stores this text must keep that measure: whoever changes the text has to let the options read the former one as the default.
 */
export const defaultCpuQuery = byServiceOrPod(
  'last_over_time(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",container!="",container!="POD"}[{{reach}}])',
  'sum by (namespace, pod) (increase(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",' +
    'container!="",container!="POD"}[{{range}}])) / 3600'
);

/**
 * Default of `inventoryQuery`: one series per deployed service; OSCAR keeps one ConfigMap for each. Without `honor_labels`, the
 * ConfigMap's namespace is `exported_namespace`.
 */
export const defaultInventoryQuery =
  'group by (label_oscar_service) (kube_configmap_labels{namespace=~"{{services_namespace}}.*",label_oscar_service!=""} or ' +
  'kube_configmap_labels{exported_namespace=~"{{services_namespace}}.*",label_oscar_service!=""})';

/**
 * Joins hours per pod with the service that kube-state-metrics knows for the pod, else with the name of the pod, from
 * which the service is then read. `pods` must have a series of each of these pods, else its hours would be
 * lost: a subquery sees samples from before the window, hence all look back by `{{reach}}`. The hours, which cost
 * most, are computed once.
 */
export function byServiceOrPod(pods: string, hoursByPod: string, only = ''): string {
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
const minReachMs = 600_000;

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
    reach: `${reachOf(windowMs, lookBackMs)}ms`,
  };
  return template.replace(/\{\{([^{}]*)\}\}/g, (_, inside: string) => {
    const name = inside.trim();
    if (!isPlaceholder(name)) {
      const known = placeholders.map((one) => `{{${one}}}`).join(', ');
      throw new Error(`unknown placeholder {{${name}}} in a query template; known are ${known}`);
    }
    return valueOf[name];
  });
}

/** How far before the end of a window `{{reach}}` goes back, in ms. */
export function reachOf(windowMs: number, lookBackMs = usualLookBackMs): number {
  return windowMs + Math.max(lookBackMs, minReachMs);
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
