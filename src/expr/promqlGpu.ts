import { byServiceOrPod } from './promql';

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

/** Series that tell whether GPUs are scraped at all, for an answer without a series: pods that ask for some, or nodes with some. */
export const gpuEvidence =
  '{__name__=~"kube_pod_container_resource_requests|kube_node_status_allocatable",resource="nvidia_com_gpu"}';
export const activeGpuEvidence = 'DCGM_FI_DEV_GPU_UTIL';
export const oscarGpuEvidence = 'container_gpu_usage_seconds_total';
