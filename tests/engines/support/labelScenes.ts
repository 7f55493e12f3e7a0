// Pods of a day and what Prometheus has of them, labelled as in clusters: every twin of a counter, every label that took another
// one's place.
import { dayMs } from '../../../src/core/domain/duration';
import { type MinuteSeries } from './minuteSeries';

type Labels = Record<string, string>;
type Gaps = MinuteSeries['gaps'];

/** A scene each four days, so that none sees another one's samples. */
const firstDay = Date.parse('2026-03-02T00:00:00Z');
export const dayOf = (scene: number) => firstDay + scene * 4 * dayMs;

const always = { from: -1560, to: 1440 };
/** Two hours of the day, in which the pods of a scene live. */
const life = { from: 600, to: 720 };
const pod = 'seg-00001-deployment-7d8f9c6b5d-abcde';
const cgroup = '/kubepods/burstable/pod1/c1';
const kubelet = { job: 'kubelet', instance: 'x:1' };
const kubeState = { job: 'kube-state-metrics', instance: 'ksm:8080' };

const up = (labels: Labels, span = always): MinuteSeries => ({ metric: 'up', labels, ...span, valueAt: () => 1 });

/** A counter that begins at 0 and counts `perMinute` CPU seconds a minute. */
const counter = (
  labels: Labels,
  perMinute = 60,
  { from, to }: { from: number; to: number } = life,
  gaps: Gaps = []
) => ({
  metric: 'container_cpu_usage_seconds_total',
  labels: { ...kubelet, namespace: 'oscar-svc', pod, container: 'user-container', id: cgroup, ...labels },
  from,
  to,
  gaps,
  valueAt: (minute: number) => (minute - from) * perMinute,
});

const object = (metric: string, labels: Labels, value = 1, span = life): MinuteSeries => ({
  metric,
  labels: { ...kubeState, namespace: 'oscar-svc', pod, ...labels },
  ...span,
  valueAt: () => value,
});
const labelled = (labels: Labels = { label_oscar_service: 'seg' }) => object('kube_pod_labels', labels);

/** What every cluster has. */
export const cluster: MinuteSeries[] = [
  up(kubelet),
  up(kubeState),
  counter(
    { namespace: 'kube-system', pod: 'coredns-5d78c9869d-abcde', container: 'coredns', id: '/kubepods/a/b' },
    3,
    always
  ),
];

const without = (labels: Labels, ...names: string[]) =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !names.includes(name)));
const stripped = (series: MinuteSeries, ...names: string[]): MinuteSeries => ({
  ...series,
  labels: without(series.labels, ...names),
});

export interface Scene {
  name: string;
  series: MinuteSeries[];
  /** True when the series are those of the cluster, too. */
  isWhole?: boolean;
  /** CPU hours by service. */
  hours: Record<string, number>;
  status?: 'ok' | 'partial';
  /** What a note says. */
  note?: RegExp;
}

const addresses = ['192.0.2.5:10250', '[2001:db8::5]:10250'] as const;
const ofTarget = (job: string, instance: string) => ({ job, instance });

const twins: Scene[] = [
  { name: 'one counter', series: [counter({}), labelled()], hours: { seg: 2.01 }, status: 'ok' },
  {
    name: 'a kubelet by two addresses',
    series: [
      ...addresses.map((instance) => up(ofTarget('kubelet', instance))),
      ...addresses.map((instance) => counter({ instance })),
      labelled(),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'twins with gaps at other times',
    series: [
      ...addresses.map((instance) => up(ofTarget('kubelet', instance))),
      counter({ instance: addresses[0] }, 60, life, [
        [600, 640],
        [700, 720],
      ]),
      counter({ instance: addresses[1] }, 60, life, [[650, 690]]),
      labelled(),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'two jobs, one of which drops the id',
    series: [
      up(ofTarget('cadvisor', 'x:1')),
      counter({ cpu: 'total' }),
      stripped(counter({ job: 'cadvisor' }), 'id'),
      labelled(),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'a kubelet by three paths, also by /metrics/resource',
    series: [
      ...['/metrics', '/metrics/cadvisor', '/metrics/resource'].map((path) => up({ ...kubelet, metrics_path: path })),
      counter({ metrics_path: '/metrics/cadvisor', cpu: 'total' }),
      stripped(counter({ metrics_path: '/metrics/resource' }), 'id'),
      labelled(),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'a kubelet of which another path does not answer',
    series: [
      ...['/metrics', '/metrics/cadvisor', '/metrics/probes'].map((path) => ({
        ...up({ ...kubelet, instance: 'y:1', metrics_path: path }),
        valueAt: () => (path === '/metrics/cadvisor' ? 1 : 0),
      })),
      ...cluster.map((one) => ({ ...one, labels: { ...one.labels, metrics_path: '/metrics/cadvisor' } })),
      counter({ instance: 'y:1', metrics_path: '/metrics/cadvisor' }),
      labelled(),
    ],
    isWhole: true,
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'two replicas of Prometheus',
    series: [
      ...['a', 'b'].map((replica) => counter({ prometheus_replica: replica })),
      ...['a', 'b'].map((replica) => labelled({ prometheus_replica: replica, label_oscar_service: 'seg' })),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'a cgroup below that of the container, and a node that is a container itself',
    series: [
      counter({}),
      counter({ id: `${cgroup}/nested` }, 55),
      counter({ id: `/docker/0123/kubelet${cgroup}` }),
      labelled(),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'a container that was started again, seen by two addresses',
    series: [
      ...addresses.map((instance) => up(ofTarget('kubelet', instance))),
      ...addresses.map((instance) => counter({ instance }, 60, { from: 600, to: 660 })),
      ...addresses.map((instance) =>
        counter({ instance, id: '/kubepods/burstable/pod1/c2' }, 60, { from: 662, to: 720 })
      ),
      labelled(),
    ],
    hours: { seg: 1 + 58 / 60 + 0.02 },
    status: 'ok',
  },
  {
    name: 'a counter without an id that was reset, seen by two addresses',
    series: [
      ...addresses.map((instance) => up(ofTarget('kubelet', instance))),
      ...addresses.map((instance) => ({
        ...stripped(counter({ instance }), 'id'),
        valueAt: (minute: number) => (minute < 660 ? minute - 600 : minute - 660) * 60,
      })),
      labelled(),
    ],
    hours: { seg: 59 / 60 + 1 + 0.01 },
    status: 'ok',
  },
  {
    name: 'twins whose cgroups have nothing in common',
    series: [counter({ id: '/a' }), counter({ id: '/b' }), labelled()],
    hours: { seg: 4.02 },
    status: 'partial',
    note: /1 pod has several simultaneous counters of one container/,
  },
];

const throughout = { from: 600, to: 1440 };
twins.push({
  name: 'twins whose cgroups have nothing in common, of a pod that goes on',
  series: [
    ...['/a', '/b'].map((id) => counter({ id }, 60, throughout)),
    object('kube_pod_labels', { label_oscar_service: 'seg' }, 1, throughout),
  ],
  hours: { seg: (2 * (1439 - 600)) / 60 },
  status: 'partial',
  note: /1 pod has several simultaneous counters of one container/,
});

const kubeSystem = { namespace: 'kube-system', exported_namespace: 'oscar-svc' };
const sidecar = { container: 'queue-proxy', id: '/kubepods/burstable/pod1/c2' };

const otherLabels: Scene[] = [
  {
    name: 'a kubelet without honor_labels',
    series: [counter(kubeSystem), counter({ ...kubeSystem, ...sidecar }, 30), labelled()],
    hours: { seg: 3.02 },
    status: 'ok',
  },
  {
    name: 'a cAdvisor of its own without honor_labels',
    series: [
      ...['user-container', 'queue-proxy', ''].map((container, index) =>
        counter(
          {
            namespace: 'monitoring',
            pod: 'cadvisor-x7k2p',
            container: 'cadvisor',
            exported_namespace: 'oscar-svc',
            exported_pod: pod,
            ...(container && { exported_container: container }),
            id: container ? `/kubepods/burstable/pod1/c${index}` : '/kubepods/burstable/pod1',
          },
          container ? 30 : 60
        )
      ),
      labelled(),
    ],
    hours: { seg: 2.02 },
    status: 'ok',
  },
  {
    name: 'counters whose pod alone was renamed',
    series: [
      counter({ ...kubeSystem, pod: 'kubelet-x', exported_pod: pod, container: 'user-container' }),
      counter({ ...kubeSystem, pod: 'kubelet-x', exported_pod: pod, ...sidecar }, 30),
      labelled(),
    ],
    hours: { seg: 3 },
    status: 'partial',
    note: /cgroups/,
  },
  {
    name: 'a node without labels of containers',
    series: [
      counter({}),
      labelled(),
      up(ofTarget('kubelet', 'y:1')),
      stripped(
        counter(
          { instance: 'y:1', pod: 'other-00001-deployment-7d8f9c6b5d-fghij', id: '/kubepods/burstable/pod2' },
          90
        ),
        'container'
      ),
      object('kube_pod_labels', { pod: 'other-00001-deployment-7d8f9c6b5d-fghij', label_oscar_service: 'other' }),
    ],
    hours: { other: 3, seg: 2.01 },
    status: 'partial',
    note: /no label `container`/,
  },
  {
    name: 'cgroups of pods beside their containers',
    series: [counter({}), stripped(counter({ id: '/kubepods/burstable/pod1' }, 61), 'container'), labelled()],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'counters that tell of nothing but their namespace',
    series: [stripped(counter({}), 'container', 'pod'), labelled()],
    hours: {},
    status: 'partial',
    note: /without the labels `pod` and `container`/,
  },
];

const forName = (name: string) => ({ pod: name });
const hashed = '0f3a9c1d7b-deployment-5d6f7c8b9-q2w3e';
const job = 'my-kserve-demo-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p';
const puller = 'image-puller-seg-decade-x7k2p';
const allowlist = /--metric-labels-allowlist=pods=\[oscar_service,app,oscar-app,serving\.knative\.dev\/service,/;

const services: Scene[] = [
  {
    name: 'pods of every kind by the labels that OSCAR gives them',
    series: [
      ['job-x', { label_oscar_service: 'a' }],
      [hashed, { label_serving_knative_dev_service: 'b', label_app: 'b-00001' }],
      ['seg-dpl-6b9ddddbd7-cm6c9', { label_app: 'oscar-svc-exp-c' }],
      ['seg-predictor-6b9ddddbd7-cm6c9', { label_oscar_app: 'oscar-svc-ksv-d' }],
      ['m-predictor-6b9ddddbd7-cm6c9', { label_serving_kserve_io_inferenceservice: 'e' }],
    ].flatMap(([name, labels]) => [
      counter({ pod: name as string }),
      labelled({ pod: name as string, ...(labels as Labels) }),
    ]),
    hours: { a: 2.01, b: 2.01, c: 2.01, d: 2.01, e: 2.01 },
    status: 'ok',
  },
  {
    name: 'an image puller',
    series: [counter({}), labelled(), counter(forName(puller)), labelled(forName(puller))],
    hours: { '(unattributed)': 2.01, seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'labels of jobs only',
    series: [
      counter({}),
      labelled(),
      counter(forName(hashed)),
      labelled({ pod: hashed, label_vo: 'x' }),
      counter(forName('web-dlp-6b9ddddbd7-cm6c9')),
      labelled(forName('web-dlp-6b9ddddbd7-cm6c9')),
    ],
    hours: { '(unattributed)': 2.01, seg: 2.01, web: 2.01 },
    status: 'partial',
    note: allowlist,
  },
  {
    name: 'no labels at all',
    series: [counter(forName(job))],
    hours: { 'my-kserve-demo': 2.01 },
    status: 'partial',
    note: allowlist,
  },
  {
    name: 'a kube-state-metrics without honor_labels',
    series: [
      counter(forName(hashed)),
      ...['kube_pod_labels', 'kube_pod_start_time', 'kube_pod_completion_time'].map((metric, index) => ({
        ...object(metric, {
          namespace: 'monitoring',
          pod: 'kube-state-metrics-x',
          exported_namespace: 'oscar-svc',
          exported_pod: hashed,
          ...(index === 0 && { label_serving_knative_dev_service: 'seg' }),
        }),
        ...(index === 1 && { valueAt: () => dayOf(22) / 1000 + 600 * 60 }),
        ...(index === 2 && { from: 722, to: 740, valueAt: () => dayOf(22) / 1000 + 726 * 60 }),
      })),
    ],
    // Up to its completion, six minutes after the last sample.
    hours: { seg: 2.1 },
    status: 'ok',
  },
  {
    name: 'two kube-state-metrics, one of which exports less',
    series: [
      counter(forName(hashed)),
      ...['ksm:8080', 'ksm2:8080'].map((instance, index) =>
        labelled({ instance, pod: hashed, ...(index === 1 && { label_serving_knative_dev_service: 'seg' }) })
      ),
      up(ofTarget('kube-state-metrics', 'ksm2:8080')),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
  {
    name: 'pods of one name in two namespaces, of which one was reset',
    series: [
      {
        ...stripped(counter({}), 'id'),
        valueAt: (minute: number) => (minute < 660 ? minute - 600 : minute - 660) * 60,
      },
      stripped(counter({ namespace: 'oscar-svc-b' }, 30), 'id'),
      labelled(),
      labelled({ namespace: 'oscar-svc-b', label_oscar_service: 'other' }),
    ],
    hours: { other: 1, seg: 59 / 60 + 1.01 },
    status: 'ok',
  },
];

const remote = 'far-1a2b3c4d-1234-4abc-89ab-0123456789ab-x7k2p';
const nodes: Scene[] = [
  {
    name: 'a pod on a virtual node',
    series: [
      counter({}),
      labelled(),
      object('kube_pod_info', { node: 'n1' }),
      object('kube_pod_info', { pod: remote, node: 'vk' }),
      labelled({ pod: remote, label_oscar_service: 'far' }),
    ],
    hours: { seg: 2.01 },
    status: 'partial',
    note: /on the node vk \(1 pod a day\)/,
  },
  {
    name: 'a pod that waits on a node that is scraped, and one without a node',
    series: [
      counter({}),
      labelled(),
      object('kube_pod_info', { node: 'n1' }),
      object('kube_pod_info', { pod: remote, node: 'n1' }),
      object('kube_pod_info', { pod: 'waits', node: '' }),
    ],
    hours: { seg: 2.01 },
    status: 'ok',
  },
];

export const scenes: readonly Scene[] = [...twins, ...otherLabels, ...services, ...nodes];
