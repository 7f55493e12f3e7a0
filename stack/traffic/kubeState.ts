import type { Pod } from './pods';
import { gpusOf } from './usage';

/** A series of kube-state-metrics about a pod, of one value; seen in [from, to), in seconds since the epoch. */
export interface PodGauge {
  metric: string;
  /** Labels beside namespace and pod. */
  labels: Readonly<Record<string, string>>;
  value: number;
  from: number;
  to: number;
}

/** How much a cluster's kube-state-metrics tells of pods. */
export interface Telling {
  /** Whether its allow-list holds the labels that lead to a service. */
  labels: boolean;
  /** When pods began and ended, and on which node they are. */
  lifetimes: boolean;
}

/** Kubernetes keeps a finished job's pod for this time: long enough to be seen once at the slowest scrape interval. */
const finishedPodSeconds = 300;

const phases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;

/** Last moment (exclusive, seconds since the epoch) at which Kubernetes knows of the pod. */
export function goneAt({ kind, end }: Pick<Pod, 'kind' | 'end'>): number {
  return kind === 'job' ? end + finishedPodSeconds : end;
}

export function gaugesOfPod(pod: Pod, { labels, lifetimes }: Telling): PodGauge[] {
  const { kind, node, start, end } = pod;
  const known = { from: start, to: goneAt(pod) };
  const gpus = gpusOf(pod);
  const request = {
    container: pod.containers[0]?.name ?? '',
    node: node.name,
    resource: 'nvidia_com_gpu',
    unit: 'integer',
  };
  const gauge = (metric: string, value: number, own: Readonly<Record<string, string>> = {}, span = known) => ({
    metric,
    labels: own,
    value,
    ...span,
  });
  return [
    // Without an allow-list the series has no more than the pod's name.
    gauge('kube_pod_labels', 1, labels ? pod.labels : {}),
    ...(lifetimes
      ? [
          gauge('kube_pod_info', 1, { node: node.name }),
          gauge('kube_pod_start_time', start),
          ...(kind === 'job' ? [gauge('kube_pod_completion_time', end, {}, { from: end, to: known.to })] : []),
        ]
      : []),
    ...(gpus > 0 ? [gauge('kube_pod_container_resource_requests', gpus, request)] : []),
    ...(lifetimes ? statesOfPod(pod) : []),
  ];
}

/**
 * Phase and condition of a pod, those that do not hold included. Of a pod without GPUs, for which nobody asks, only the
 * phase in which it is most of its life: half a year of all would double the samples.
 */
function statesOfPod(pod: Pod): PodGauge[] {
  const { start, end } = pod;
  if (gpusOf(pod) === 0) {
    return [{ metric: 'kube_pod_status_phase', labels: { phase: 'Running' }, value: 1, from: start, to: end }];
  }
  const gone = goneAt(pod);
  const spans = [
    { current: 'Running', from: start, to: end },
    ...(gone > end ? [{ current: 'Succeeded', from: end, to: gone }] : []),
  ];
  const states = phases.flatMap((phase) =>
    spans.map(({ current, from, to }) => ({
      metric: 'kube_pod_status_phase',
      labels: { phase },
      value: phase === current ? 1 : 0,
      from,
      to,
    }))
  );
  const conditions = ['true', 'false', 'unknown'].map((condition) => ({
    metric: 'kube_pod_status_scheduled',
    labels: { condition },
    value: condition === 'true' ? 1 : 0,
    from: start,
    to: gone,
  }));
  return [...states, ...conditions];
}
