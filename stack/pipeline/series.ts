// What Prometheus has to keep for the reports, and nothing else.

/** Metrics by who exports them. */
export const neededSeries = {
  cadvisor: ['container_cpu_usage_seconds_total'],
  kubeStateMetrics: [
    'kube_configmap_labels',
    'kube_namespace_annotations',
    'kube_namespace_labels',
    'kube_node_status_allocatable',
    'kube_pod_completion_time',
    'kube_pod_container_resource_requests',
    'kube_pod_created',
    'kube_pod_info',
    'kube_pod_labels',
    'kube_pod_start_time',
    'kube_pod_status_phase',
    'kube_pod_status_scheduled',
  ],
  dcgm: ['DCGM_FI_DEV_GPU_UTIL'],
} as const;

/** Labels of Kubernetes' objects that kube-state-metrics has to export. */
export const labelsAllowlist = [
  'pods=[oscar_service,app,oscar-app,serving.knative.dev/service,serving.kserve.io/inferenceservice,vo,oscar.grycap/user-service]',
  'configmaps=[oscar_service]',
  'namespaces=[app.kubernetes.io/managed-by]',
];
