/** GPUs as clusters tell of them: what kube-state-metrics and the DCGM exporter deliver on a day, and the hours that are right. */

type Labels = Record<string, string>;

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

const ksm = { job: 'kube-state-metrics', instance: 'ksm:8080' };
const secondKsm = { job: 'kube-state-metrics', instance: 'ksm2:8080' };
const dcgm = { job: 'dcgm', instance: 'd:9400' };
const exporter = { namespace: 'gpu-operator', pod: 'nvidia-dcgm-exporter-x7k2p', container: 'nvidia-dcgm-exporter' };
const pod = { namespace: 'oscar-svc', pod: 'odd-x' };
const gpu0 = { gpu: '0', device: 'nvidia0', UUID: 'GPU-0', Hostname: 'n1' };
const gpu1 = { gpu: '1', device: 'nvidia1', UUID: 'GPU-1', Hostname: 'n1' };

const exported = ({ namespace, pod: name, ...rest }: Labels): Labels => ({
  ...rest,
  exported_namespace: namespace ?? '',
  exported_pod: name ?? '',
});
const up = (labels: Labels): Gauge => ({ metric: 'up', labels, minutes: [-150, 1439] });
const request = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'kube_pod_container_resource_requests',
  labels: { container: 'c', resource: 'nvidia_com_gpu', unit: 'integer', ...labels },
  ...more,
});
const podLabels = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'kube_pod_labels',
  labels,
  ...more,
});
const busy = (labels: Labels, more: Partial<Gauge> = {}): Gauge => ({
  metric: 'DCGM_FI_DEV_GPU_UTIL',
  labels,
  value: 100,
  ...more,
});
const allocatable: Gauge = {
  metric: 'kube_node_status_allocatable',
  labels: { ...ksm, node: 'n1', resource: 'nvidia_com_gpu', unit: 'integer' },
  minutes: [0, 1439],
};
const otherRequests = request(
  { ...ksm, namespace: 'kube-system', pod: 'coredns-x', resource: 'cpu', unit: 'core' },
  { minutes: [0, 1439], value: 0.1 }
);
const toSeg = podLabels({ ...ksm, ...pod, label_oscar_service: 'seg' });
/** kube-state-metrics without honor_labels, with all target labels or with that of the namespace only. */
const unhonoured = { ...ksm, namespace: 'monitoring', pod: 'ksm-0', container: 'kube-state-metrics' };

const labelled = (name: string, labels: Labels): GpuCase => ({
  name: `a pod with ${name}`,
  gauges: [up(ksm), request({ ...ksm, ...pod }), podLabels({ ...ksm, ...pod, ...labels })],
  hours: { seg: two },
  status: 'ok',
});

type Minutes = readonly [from: number, to: number];

/** What kube-state-metrics tells of the phase of a pod, the phases that it is not in included. */
const phases = (
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
const scheduled = (labels: Labels, isScheduled: boolean, minutes: Minutes): Gauge[] =>
  ['true', 'false', 'unknown'].map((condition) => ({
    metric: 'kube_pod_status_scheduled',
    labels: { ...labels, condition },
    minutes,
    value: condition === String(isScheduled) ? 1 : 0,
  }));
const ended = (labels: Labels, minutes: Minutes): Gauge => ({
  metric: 'kube_pod_completion_time',
  labels,
  minutes,
  value: firstDay / 1000,
});
const counter = (labels: Labels, minutes: Minutes): Gauge => ({
  metric: 'container_cpu_usage_seconds_total',
  labels: { job: 'kubelet', instance: 'n1:10250', container: 'c', id: '/kubepods/pod1/c1', ...labels },
  minutes,
});
const [first, last] = usual;
const told = { ...ksm, ...pod };
const half = 660;

/** Pods that are there for a few minutes only. */
const manyPods = Array.from({ length: 210 }, (_, index) => `odd-x${index}`);
const short = [600, 604] as const;

export const gpuCases: GpuCase[] = [
  labelled('the label of jobs', { label_oscar_service: 'seg' }),
  labelled('the label of Knative', { label_serving_knative_dev_service: 'seg', label_app: 'user-app' }),
  labelled('the label of exposed services', { label_app: 'oscar-svc-exp-seg' }),
  labelled('the labels of KServe', {
    label_oscar_app: 'oscar-svc-ksv-seg',
    label_serving_knative_dev_service: 'seg-predictor',
  }),
  {
    name: 'a pod without a label that leads to a service',
    gauges: [up(ksm), request({ ...ksm, ...pod }), podLabels({ ...ksm, ...pod, label_app: 'other' })],
    hours: { '(unattributed)': two },
    status: 'partial',
    note: /2\.03 GPU hours \(\(unattributed\)\).*none of their labels.*--metric-labels-allowlist/,
  },
  {
    name: 'kube-state-metrics without honor_labels',
    gauges: [
      up(ksm),
      request({ ...unhonoured, ...exported(pod), exported_container: 'c' }),
      podLabels({ ...unhonoured, ...exported(pod), label_oscar_service: 'seg' }),
      request({ ...unhonoured, ...exported({ namespace: 'jupyter', pod: 'alice' }), exported_container: 'c' }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'kube-state-metrics whose target has a namespace only',
    gauges: [
      up(ksm),
      request({ ...ksm, namespace: 'monitoring', exported_namespace: 'oscar-svc', pod: 'odd-x' }),
      podLabels({
        ...ksm,
        namespace: 'monitoring',
        exported_namespace: 'oscar-svc',
        pod: 'odd-x',
        label_app: 'oscar-svc-exp-seg',
      }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'a completed pod that kube-state-metrics tells of without honor_labels',
    gauges: [
      up(ksm),
      request({ ...unhonoured, ...exported(pod) }),
      podLabels({ ...unhonoured, ...exported(pod), label_oscar_service: 'seg' }),
      { metric: 'kube_pod_completion_time', labels: { ...unhonoured, ...exported(pod) }, minutes: [660, 720] },
    ],
    hours: { seg: 1 },
    status: 'ok',
  },
  {
    name: 'two kube-state-metrics with gaps of their own',
    gauges: [
      up(ksm),
      up(secondKsm),
      request({ ...ksm, ...pod }, { minutes: [600, 650] }),
      request({ ...ksm, ...pod }, { minutes: [700, 720] }),
      request({ ...secondKsm, ...pod }, { minutes: [630, 710] }),
      podLabels({ ...ksm, ...pod }),
      podLabels({ ...secondKsm, ...pod, label_oscar_service: 'seg' }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'two jobs for one kube-state-metrics, one of them without honor_labels',
    gauges: [
      up(ksm),
      up({ job: 'annotated', instance: '10.0.0.7:8080' }),
      request({ ...ksm, ...pod }),
      request({
        ...unhonoured,
        ...exported(pod),
        exported_container: 'c',
        job: 'annotated',
        instance: '10.0.0.7:8080',
      }),
      podLabels({ ...ksm, ...pod, label_app: 'other' }),
      podLabels({ ...unhonoured, ...exported(pod), job: 'annotated', label_serving_knative_dev_service: 'seg' }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'two containers with GPUs of their own',
    gauges: [
      up(ksm),
      request({ ...ksm, ...pod }, { value: 2 }),
      request({ ...ksm, ...pod, container: 'd' }),
      request({ ...secondKsm, ...pod, container: 'd' }),
      toSeg,
    ],
    hours: { seg: 3 * two },
    status: 'ok',
  },
  {
    name: 'GPUs of other makers',
    gauges: [
      up(ksm),
      request({ ...ksm, ...pod, resource: 'amd_com_gpu' }),
      request({ ...ksm, ...pod, container: 'd', resource: 'gpu_intel_com_i915' }),
      toSeg,
    ],
    hours: { seg: 2 * two },
    status: 'ok',
  },
  ...['nvidia_com_mig_1g_5gb', 'nvidia_com_gpu_shared', 'nvidia_com_mig_3g_20gb_shared'].map((resource): GpuCase => ({
    name: `the resource ${resource}`,
    gauges: [
      up(ksm),
      request({ ...ksm, ...pod, resource }),
      toSeg,
      { ...allocatable, labels: { ...allocatable.labels, resource } },
    ],
    hours: {},
    status: 'partial',
    note: new RegExp(`${resource} \\(2\\.03 h\\)`),
  })),
  {
    name: 'no pod with a GPU, where requests are scraped',
    gauges: [up(ksm), allocatable, otherRequests],
    hours: {},
    status: 'ok',
  },
  {
    name: 'nodes with GPUs, where requests are not scraped',
    gauges: [up(ksm), allocatable],
    hours: null,
    status: 'missing',
  },
  {
    name: 'a cluster without GPUs',
    gauges: [up(ksm), otherRequests],
    hours: null,
    status: 'missing',
  },
  ...Object.entries<Labels>({
    'the pod of the exporter': exporter,
    'a pod of another chart': { namespace: 'monitoring', pod: 'gpus-dcgm-exporter-abcde', container: 'exporter' },
    'no pod at all': {},
    'a pod without a namespace': { pod: 'odd-x' },
  }).map(([what, labels]): GpuCase => ({
    name: `DCGM with ${what}`,
    gauges: [up(dcgm), busy({ ...dcgm, ...gpu0, ...labels }), toSeg],
    hours: { '(unattributed)': two },
    status: 'partial',
    note: /busy for 2\.03 hours of which DCGM tells no pod/,
  })),
  {
    name: 'DCGM with a pod of its exporter that only the scrapes tell',
    gauges: [
      up({ ...dcgm, namespace: 'monitoring', pod: 'watcher-abcde' }),
      busy({ ...dcgm, ...gpu0, namespace: 'monitoring', pod: 'watcher-abcde', container: 'main' }),
    ],
    hours: { '(unattributed)': two },
    status: 'partial',
  },
  {
    name: 'DCGM without pods, where nodes are known to have GPUs and nobody asked for one',
    gauges: [up(dcgm), up(ksm), allocatable, otherRequests, busy({ ...dcgm, ...gpu0, ...exporter })],
    hours: { '(unattributed)': two },
    status: 'partial',
    note: /no pod asked for a GPU/,
  },
  {
    name: 'DCGM without pods, where another namespace asked for a GPU',
    gauges: [
      up(dcgm),
      up(ksm),
      allocatable,
      otherRequests,
      request({ ...ksm, namespace: 'jupyter', pod: 'alice' }),
      busy({ ...dcgm, ...gpu0, ...exporter }),
    ],
    hours: {},
    status: 'ok',
  },
  {
    name: 'pods that use a GPU without asking for one',
    gauges: [up(dcgm), up(ksm), allocatable, otherRequests, toSeg, busy({ ...dcgm, ...gpu0, ...pod })],
    hours: {},
    status: 'partial',
    note: /without asking for one.*seg \(2\.03 h\)/,
  },
  {
    name: 'DCGM without pods beside allocated hours',
    gauges: [up(dcgm), up(ksm), request({ ...ksm, ...pod }), toSeg, busy({ ...dcgm, ...gpu0, ...exporter })],
    hours: { seg: two },
    status: 'ok',
    note: /DCGM tells no pod/,
  },
  {
    name: 'allocated and busy hours',
    gauges: [
      up(dcgm),
      up(ksm),
      request({ ...ksm, ...pod }),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...exporter, ...exported(pod) }, { value: 50 }),
    ],
    hours: { seg: two },
    status: 'ok',
    active: { seg: two / 2 },
  },
  {
    name: 'DCGM whose pods are exported',
    gauges: [
      up(dcgm),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...exporter, ...exported(pod) }),
      busy({ ...dcgm, ...gpu0, ...exporter }, { minutes: [800, 900], value: 0 }),
      busy({ ...dcgm, ...gpu1, ...exporter, ...exported({ namespace: 'jupyter', pod: 'alice' }) }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'DCGM whose pods are honoured',
    gauges: [
      up({ ...dcgm, ...exporter }),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...pod, container: 'c' }),
      busy({ ...dcgm, ...gpu1, namespace: 'jupyter', pod: 'alice', container: 'c' }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'DCGM and pods of services without labels, known by kube-state-metrics without honor_labels',
    gauges: [
      up(dcgm),
      podLabels({ ...unhonoured, ...exported(pod), label_app: 'oscar-svc-exp-seg' }),
      busy({ ...dcgm, ...gpu0, ...pod }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'two GPUs of a pod',
    gauges: [up(dcgm), toSeg, busy({ ...dcgm, ...gpu0, ...pod }), busy({ ...dcgm, ...gpu1, ...pod })],
    hours: { seg: 2 * two },
    status: 'ok',
  },
  {
    name: 'two GPUs of a pod that have no UUID, and two exporters',
    gauges: [dcgm, { job: 'other', instance: 'e:9400' }]
      .flatMap((target) => [
        up(target),
        busy({ ...target, ...pod, Hostname: 'n1', gpu: '0', ...(target === dcgm && { device: 'nvidia0' }) }),
        busy({ ...target, ...pod, Hostname: 'n1', ...(target === dcgm && { gpu: '1' }), device: 'nvidia1' }),
      ])
      .concat(toSeg),
    hours: { seg: 2 * two },
    status: 'ok',
  },
  {
    name: 'GPUs of two hosts that exporters do not name',
    gauges: [
      up(dcgm),
      up({ ...dcgm, instance: 'e:9400' }),
      toSeg,
      busy({ ...dcgm, ...pod, gpu: '0' }),
      busy({ ...dcgm, replica: 'b', ...pod, gpu: '0' }),
      busy({ ...dcgm, instance: 'e:9400', ...pod, gpu: '0' }),
    ],
    hours: { seg: 2 * two },
    status: 'ok',
  },
  {
    name: 'two exporters of a GPU with gaps of their own, and hosts of other names',
    gauges: [
      up(dcgm),
      up({ ...dcgm, instance: 'e:9400' }),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...pod }, { minutes: [600, 660] }),
      busy(
        { ...dcgm, ...gpu0, Hostname: 'exporter-2', instance: 'e:9400', ...exporter, ...exported(pod) },
        { minutes: [640, 720] }
      ),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'two exporters of a GPU, one of which knows no pods',
    gauges: [
      up(dcgm),
      up({ ...dcgm, instance: 'e:9400' }),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...pod }),
      busy({ ...dcgm, ...gpu0, instance: 'e:9400', ...exporter }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'more pods with GPUs than a query names',
    gauges: [
      up(ksm),
      ...manyPods.flatMap((name) => [
        request({ ...ksm, namespace: 'oscar-svc', pod: name }, { minutes: short }),
        podLabels({ ...ksm, namespace: 'oscar-svc', pod: name, label_app: 'oscar-svc-exp-seg' }, { minutes: short }),
      ]),
    ],
    hours: { seg: (manyPods.length * 6) / 60 },
    status: 'ok',
  },
  {
    name: 'more pods at GPUs than a query names, and an exporter that only the scrapes tell',
    gauges: [
      up({ ...dcgm, namespace: 'monitoring', pod: 'watcher-abcde' }),
      busy({ ...dcgm, ...gpu1, namespace: 'monitoring', pod: 'watcher-abcde', container: 'main' }),
      ...manyPods.flatMap((name) => [
        busy(
          { ...dcgm, ...gpu0, UUID: name, ...exporter, ...exported({ namespace: 'oscar-svc', pod: name }) },
          { minutes: short }
        ),
        podLabels({ ...ksm, namespace: 'oscar-svc', pod: name, label_app: 'oscar-svc-exp-seg' }, { minutes: short }),
      ]),
    ],
    hours: { seg: (manyPods.length * 6) / 60, '(unattributed)': two },
    status: 'partial',
  },
  {
    name: 'a pod of which one container ended, by its phase',
    gauges: [up(ksm), request(told), toSeg, ended(told, [630, last]), ...phases(told, { Running: usual })],
    hours: { seg: two },
    status: 'ok',
  },
  {
    name: 'a pod of which one container ended, by the scrapes of the other one',
    gauges: [up(ksm), request(told), toSeg, ended(told, [630, last]), counter(pod, usual)],
    hours: { seg: two },
    status: 'ok',
    note: /no phases of pods \(kube_pod_status_phase\)/,
  },
  {
    name: 'a pod whose container was started again, each end of it seen once',
    gauges: [
      up(ksm),
      request(told),
      toSeg,
      ended(told, [620, 620]),
      ended(told, [650, 650]),
      ...phases(told, { Running: usual }),
    ],
    hours: { seg: two },
    status: 'ok',
  },
  ...(['Succeeded', 'Failed'] as const).map((phase): GpuCase => ({
    name: `a pod that ${phase.toLowerCase()}, of whose completion nothing is told`,
    gauges: [up(ksm), request(told), toSeg, ...phases(told, { Running: [first, half - 1], [phase]: [half, last] })],
    hours: { seg: 1 },
    status: 'ok',
  })),
  {
    name: 'a pod that failed, told without honor_labels by one kube-state-metrics, and taken for running by another one',
    gauges: [
      up(ksm),
      up(secondKsm),
      request(told),
      toSeg,
      ...phases({ ...unhonoured, ...exported(pod) }, { Running: [first, half - 1], Failed: [half, last] }),
      ...phases({ ...secondKsm, ...pod }, { Running: usual }),
    ],
    hours: { seg: 1 },
    status: 'ok',
  },
  {
    name: 'a pod that waited for a node for an hour',
    gauges: [
      up(ksm),
      request(told, { minutes: [first, half - 1] }),
      request({ ...told, node: 'n1' }, { minutes: [half, last] }),
      toSeg,
      ...phases(told, { Pending: [first, half - 1], Running: [half, last] }),
      ...scheduled(told, false, [first, half - 1]),
      ...scheduled(told, true, [half, last]),
    ],
    hours: { seg: two - 1 },
    status: 'ok',
  },
  {
    name: 'a pod that waits for a node, by its phase only',
    gauges: [up(ksm), request(told), toSeg, ...phases(told, { Pending: usual })],
    hours: {},
    status: 'ok',
  },
  {
    name: 'a pod that waits for a node, by its condition only',
    gauges: [up(ksm), request(told), toSeg, ...scheduled(told, false, usual)],
    hours: {},
    status: 'ok',
  },
  {
    name: 'a pod that waits for its image on a node',
    gauges: [
      up(ksm),
      request({ ...told, node: 'n1' }),
      request({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y' }),
      ...phases(told, { Pending: usual }),
      ...phases({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y' }, { Pending: usual }),
      ...scheduled({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y' }, true, usual),
      toSeg,
      podLabels({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y', label_oscar_service: 'other' }),
    ],
    hours: { seg: two, other: two },
    status: 'ok',
  },
  {
    name: 'more pods with ended containers than a query names, and no phases',
    gauges: [
      up(ksm),
      ...manyPods.flatMap((name) => {
        const one = { ...ksm, namespace: 'oscar-svc', pod: name };
        return [
          request(one, { minutes: short }),
          podLabels({ ...one, label_oscar_service: 'seg' }, { minutes: short }),
          ...(name === manyPods[0] ? [ended(one, [602, 604])] : []),
        ];
      }),
    ],
    hours: { seg: (manyPods.length * 6 - 4) / 60 },
    status: 'partial',
    note: /containers of 1 pod ended.*kube_pod_status_phase/,
  },
  {
    name: 'a service that only names tell',
    gauges: [up(ksm), request({ ...told, pod: 'named-6b9ddddbd7-cm6c9' })],
    hours: { named: two },
    status: 'partial',
    note: /2\.03 GPU hours \(named\).*there is no kube_pod_labels.*--metric-labels-allowlist=pods=\[oscar_service/,
  },
  {
    name: 'a pod that kube-state-metrics did not see, though it saw others',
    gauges: [
      up(ksm),
      request({ ...told, pod: 'named-6b9ddddbd7-cm6c9' }),
      podLabels({ ...told, label_oscar_service: 'seg' }, { minutes: [0, 1439] }),
    ],
    hours: { named: two },
    status: 'partial',
    note: /scrape kube-state-metrics more often/,
  },
  {
    name: 'a GPU that two pods share',
    gauges: [
      up(dcgm),
      toSeg,
      podLabels({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y', label_oscar_service: 'other' }),
      busy({ ...dcgm, ...gpu0, ...pod, vgpu: '0' }),
      busy({ ...dcgm, ...gpu0, namespace: 'oscar-svc', pod: 'odd-y', vgpu: '1' }),
    ],
    hours: { seg: two / 2, other: two / 2 },
    status: 'partial',
    note: /pods shared GPUs for 2\.03 busy hours/,
  },
  {
    name: 'slices of a GPU, of one pod and of two',
    gauges: [
      up(dcgm),
      toSeg,
      podLabels({ ...ksm, namespace: 'oscar-svc', pod: 'odd-y', label_oscar_service: 'other' }),
      ...['1', '2', '3'].map((slice) => busy({ ...dcgm, ...gpu0, ...pod, GPU_I_ID: slice })),
      busy({ ...dcgm, ...gpu1, ...pod, GPU_I_ID: '1' }),
      busy({ ...dcgm, ...gpu1, namespace: 'oscar-svc', pod: 'odd-y', GPU_I_ID: '2' }, { value: 50 }),
    ],
    hours: { seg: two + two / 2, other: two / 4 },
    status: 'partial',
    note: /slices of GPUs \(MIG\) were busy/,
  },
  {
    name: 'two exporters of a GPU, one of which drops its UUID',
    gauges: [
      up(dcgm),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...pod }),
      busy({ ...dcgm, instance: 'e:9400', gpu: '0', Hostname: 'n1', ...pod }),
    ],
    hours: { seg: 2 * two },
    status: 'partial',
    note: /2\.03 busy hours may count twice/,
  },
  {
    name: 'allocated hours, where pods share GPUs',
    gauges: [
      up(ksm),
      up(dcgm),
      request(told),
      toSeg,
      busy({ ...dcgm, ...gpu0, ...pod }),
      busy({ ...dcgm, ...gpu0, namespace: 'jupyter', pod: 'alice' }),
    ],
    hours: { seg: two },
    status: 'partial',
    note: /allocated hours count it for each of them/,
  },
];
