/** GPUs as clusters tell of them: what kube-state-metrics and the DCGM exporter deliver on a day, and the hours that are right. */

export type Labels = Record<string, string>;

/** A series with a sample of one value each minute from a minute of the day to another, both inclusive. */
export interface Gauge {
  metric: string;
  labels: Labels;
  minutes?: readonly [from: number, to: number];
  value?: number;
}

export interface GpuCase {
  name: string;
  gauges: Gauge[];
  /** Hours by service; none: empty. */
  hours: Record<string, number> | null;
  status: 'ok' | 'partial' | 'missing';
  note?: RegExp;
  /** Hours of the columns `gpu_hours_active`. */
  active?: Record<string, number>;
}

/** Midnight of the first case's day. */
export const firstDay = Date.parse('2026-01-04T00:00:00Z');

/** Two hours and the minute for which the last sample counts. */
export const usual = [600, 720] as const;
export const two = 122 / 60;

export const ksm = { job: 'kube-state-metrics', instance: 'ksm:8080' };
export const secondKsm = { job: 'kube-state-metrics', instance: 'ksm2:8080' };
export const dcgm = { job: 'dcgm', instance: 'd:9400' };
export const exporter = {
  namespace: 'gpu-operator',
  pod: 'nvidia-dcgm-exporter-x7k2p',
  container: 'nvidia-dcgm-exporter',
};
export const pod = { namespace: 'oscar-svc', pod: 'odd-x' };
export const gpu0 = { gpu: '0', device: 'nvidia0', UUID: 'GPU-0', Hostname: 'n1' };
export const gpu1 = { gpu: '1', device: 'nvidia1', UUID: 'GPU-1', Hostname: 'n1' };

export const exported = ({ namespace, pod: name, ...rest }: Labels): Labels => ({
  ...rest,
  exported_namespace: namespace ?? '',
  exported_pod: name ?? '',
});
export const up = (labels: Labels): Gauge => ({ metric: 'up', labels, minutes: [-150, 1439] });
export const request = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'kube_pod_container_resource_requests',
  labels: { container: 'c', resource: 'nvidia_com_gpu', unit: 'integer', ...labels },
  ...more,
});
export const podLabels = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'kube_pod_labels',
  labels,
  ...more,
});
export const busy = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'DCGM_FI_DEV_GPU_UTIL',
  labels,
  value: 100,
  ...more,
});
export const allocatable: Gauge = {
  metric: 'kube_node_status_allocatable',
  labels: { ...ksm, node: 'n1', resource: 'nvidia_com_gpu', unit: 'integer' },
  minutes: [0, 1439],
};
export const otherRequests = request(
  { ...ksm, namespace: 'kube-system', pod: 'coredns-x', resource: 'cpu', unit: 'core' },
  { minutes: [0, 1439], value: 0.1 }
);
export const toSeg = podLabels({ ...ksm, ...pod, label_oscar_service: 'seg' });
/** kube-state-metrics without honor_labels, with all target labels or with that of the namespace only. */
export const unhonoured = { ...ksm, namespace: 'monitoring', pod: 'ksm-0', container: 'kube-state-metrics' };

export type Minutes = readonly [from: number, to: number];

/** What kube-state-metrics tells of the phase of a pod, the phases that it is not in included. */
export const phases = (
  labels: Labels,
  spans: Partial<Record<'Pending' | 'Running' | 'Succeeded' | 'Failed', Minutes>>
): Gauge[] =>
  (['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const).flatMap((phase) =>
    Object.entries(spans).map(([current, minutes]) => ({
      metric: 'kube_pod_status_phase',
      labels: { ...labels, phase },
      minutes,
      value: current === phase ? 1 : 0,
    }))
  );
export const scheduled = (labels: Labels, isScheduled: boolean, minutes: Minutes): Gauge[] =>
  ['true', 'false', 'unknown'].map((condition) => ({
    metric: 'kube_pod_status_scheduled',
    labels: { ...labels, condition },
    minutes,
    value: condition === String(isScheduled) ? 1 : 0,
  }));
export const ended = (labels: Labels, minutes: Minutes): Gauge => ({
  metric: 'kube_pod_completion_time',
  labels,
  minutes,
  value: firstDay / 1000,
});
export const counter = (labels: Labels, minutes: Minutes): Gauge => ({
  metric: 'container_cpu_usage_seconds_total',
  labels: { job: 'kubelet', instance: 'n1:10250', container: 'c', id: '/kubepods/pod1/c1', ...labels },
  minutes,
});
export const [first, last] = usual;
export const told = { ...ksm, ...pod };
export const half = 660;

/** Pods that are there for a few minutes only. */
export const manyPods = Array.from({ length: 210 }, (_, index) => `odd-x${index}`);
export const short = [600, 604] as const;
