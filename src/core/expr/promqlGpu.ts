import { minuteMs } from '../domain/duration';
import { resourceLabel, serviceLabels } from '../domain/podLabels';
import { byServiceOrPod } from './promql';
import { partLabel } from './promqlCpu';
import {
  alternatives,
  exportedPods,
  gpuIdentity,
  gpuLabel,
  gpuUser,
  gpuUserOf,
  type KnownPod,
  ofServicePods,
  podLabel,
  podOfLabels,
  shapeOfLabels,
} from './promqlPods';
import {
  goesOnWithinMs,
  ofKubeStateMetrics,
  phasesKnown,
  podsWithout,
  podsWithoutPhase,
  samplesOfStates,
  toldElsewhere,
} from './promqlPodStates';
import { duration, marked, union } from './promqlText';

/**
 * Templates of hours that pods have, in two steps for the sake of clusters in which few of many pods have some. The answer
 * to `template` has series of several kinds, distinguished by `oscar_part`, with the label `oscar_pod`:
 * - `hours`: of a pod. Without `oscar_pod`: of GPUs that no pod is known to have used. `resource`: what was requested.
 *   `oscar_users`: the number of pods and slices among which the hours are still to be divided. `GPU_I_ID`: of a slice.
 *   `oscar_told`: how the GPU is identified, namely `/` by a UUID, else the name of the host, if that is known;
 * - `labels`: the labels by which a pod leads to its service;
 * - `targets`: pods that Prometheus scrapes;
 * - `phases`: phases of pods are known;
 * - `unphased`: pods of which a container ended, and no phase is known; only where no pods are given.
 */
export interface PodQuery {
  /**
   * PromQL template of the pods that have hours in a window or shortly before it, with the number of their samples there,
   * and what its series mean. A series with an `oscar_part` is about no pod: the samples alone do not show all.
   */
  pods: {
    query: string;
    read: (labels: Labels, servicesNamespace: string) => KnownPod;
  };
  /** PromQL template of the hours. Only `pods`, as found by the template above, are looked for; all when not given. */
  template: (pods?: readonly KnownPod[]) => string;
  /** The samples from which the hours follow as well, which are cheaper where they are few. */
  samples: PodSampleQuery;
}

/** Samples from which hours follow. */
export interface PodSampleQuery {
  /** PromQL template of the same as the hours' template gives, but the hours; undefined where that is nothing. */
  about: (pods: readonly KnownPod[]) => string | undefined;
  /** PromQL template of a selector of the samples. */
  selector: (pods: readonly KnownPod[]) => string;
  /** Up to how long after a window they matter, in ms. */
  aheadMs: number;
  /** For a sample that was counted with its pod, about as many are selected. */
  perCounted: number;
  /** The pod (`oscar_pod`) with which a series was counted, empty for none; undefined for other series. */
  countedAs: (servicesNamespace: string) => (labels: Labels) => string | undefined;
}

type Labels = Readonly<Record<string, string>>;

/** Kubernetes resources that are whole GPUs, as kube-state-metrics names them (RE2). */
const wholeGpu = 'nvidia_com_gpu|amd_com_gpu|gpu_intel_com_(?:i915|xe)';

/** Resources that are GPUs or shares of them, such as slices (MIG), partitions, memory and cores (RE2). */
const anyGpu = '.*gpu.*|nvidia_com_mig_.*|amd_com_(?:[sdqtc]px).*|.*vcuda.*';

const wholeGpuPattern = new RegExp(`^(?:${wholeGpu})$`);

/** True when one unit of a resource is one GPU. */
export function isWholeGpu(resource: string): boolean {
  return wholeGpuPattern.test(resource);
}

const labelsOfPods = 'kube_pod_labels';

export const requests = 'kube_pod_container_resource_requests';
const ofGpus = `resource=~"${anyGpu}"`;

const countedInReach = (selector: string) => `count_over_time(${selector}[{{reach}}])`;

const lastIn = (window: string) => (selector: string) => `last_over_time(${selector}[{{${window}}}])`;

/** Labels that lead to the service, of pods or of those that an expression has. */
function labelsOf(pods: readonly KnownPod[] | undefined, of: string): string {
  const names = [...serviceLabels.map(({ label }) => label), resourceLabel].join(', ');
  const series = ofServicePods(labelsOfPods, '', lastIn('reach'), { pods, elsewhere: true });
  const all = `max by (${podLabel}, ${names}) (${series})`;
  return marked(pods ? all : `${all} and on (${podLabel}) group by (${podLabel}) (${of})`, partLabel, 'labels');
}

const podsWithRequests = ofServicePods(requests, ofGpus, lastIn('reach'));

/**
 * Hours for which GPUs were allocated to pods, at a resolution of one minute. Several kube-state-metrics that export one
 * container count once, minute by minute. The object of a pod that is over stays for a while and holds no GPU any more; one that
 * waits for a node holds none yet.
 *
 * A sample counts for `{{look_back}}`, which is hardly more than the time to the next one. What an engine takes for present
 * by itself depends on markers that back-filled samples do not have, and VictoriaMetrics looks back otherwise than Prometheus.
 */
export const allocatedGpu: PodQuery = {
  pods: {
    query: union(
      `sum by (${[podLabel, ...exportedPods].join(', ')}) (${ofServicePods(requests, ofGpus, countedInReach)})`,
      marked(toldElsewhere(`${ofKubeStateMetrics}|${labelsOfPods}`), partLabel, 'elsewhere')
    ),
    // All metrics of one kube-state-metrics identify pods by the same labels.
    read: (labels, servicesNamespace) => ({ ...podOfLabels(labels, servicesNamespace), shape: shapeOfLabels(labels) }),
  },
  template: (pods) => {
    const named = `label_replace(${ofServicePods(requests, ofGpus, lastIn('look_back'), { pods })}, "oscar_container", "$1", "container", "(.*)")`;
    const container = `label_replace(${named}, "oscar_container", "$1", "exported_container", "(.+)")`;
    const held = `max by (${podLabel}, oscar_container, resource) (${container})`;
    const free = podsWithout({ metric: requests, matchers: ofGpus }, pods);
    const now = `sum by (${podLabel}, resource) (${held} unless on (${podLabel}) (${free}))`;
    return union(
      marked(`sum_over_time((${now})[{{range}}:1m]) / 60`, partLabel, 'hours'),
      labelsOf(pods, podsWithRequests),
      marked(phasesKnown, partLabel, 'phases'),
      ...(pods
        ? []
        : [marked(`${podsWithoutPhase()} and on (${podLabel}) (${podsWithRequests})`, partLabel, 'unphased')])
    );
  },
  samples: {
    about: (pods) => union(labelsOf(pods, podsWithRequests), marked(phasesKnown, partLabel, 'phases')),
    selector: (pods) => samplesOfStates({ metric: requests, matcher: `resource=~"${anyGpu}|"` }, pods),
    aheadMs: goesOnWithinMs,
    perCounted: 15,
    countedAs: () => (labels) =>
      labels['__name__'] === requests ? `${labels['namespace'] ?? ''}/${labels['pod'] ?? ''}` : undefined,
  },
};

/** GPUs in percent of being busy, as NVIDIA's DCGM exporter sees them. */
export const activeGpuEvidence = 'DCGM_FI_DEV_GPU_UTIL';

/** Labels of hours of busy GPUs (`PodQuery`). */
export const usersLabel = 'oscar_users';
export const sliceLabel = 'GPU_I_ID';
export const toldLabel = 'oscar_told';
export const toldByUuid = '/';

const countedAtGpus = `sum by (${podLabel}) (${gpuUser(countedInReach(activeGpuEvidence))})`;
const podsAtGpus = gpuUser(lastIn('reach')(activeGpuEvidence));

/**
 * Hours in which GPUs were busy, by the pods that used them, also those of other namespaces. Several series of a pod about
 * one GPU or one slice of it count once, minute by minute. A GPU that several pods or slices have at a minute is to be divided among
 * them equally, so that it counts once.
 */
export const busyGpu: PodQuery = {
  pods: { query: union(countedAtGpus, marked(toldElsewhere(labelsOfPods), partLabel, 'elsewhere')), read: podOfLabels },
  template: (pods) => {
    const known = gpuIdentity(gpuUser(lastIn('look_back')(activeGpuEvidence)));
    const ofHost = `label_replace(${known}, "${toldLabel}", "$1", "Hostname", "(.*)")`;
    const seen = `label_replace(${ofHost}, "${toldLabel}", "${toldByUuid}", "UUID", ".+")`;
    // Another exporter, which knows no pods, may report the same GPU.
    const withPods = `${known} unless on (${podLabel}) vector(1)`;
    const busy =
      `max by (${podLabel}, ${gpuLabel}, ${sliceLabel}, ${toldLabel}) (${seen}) unless on (${podLabel}, ${gpuLabel}) ` +
      `group by (${gpuLabel}) (${withPods})`;
    const users = `count_values by (${gpuLabel}) ("${usersLabel}", count by (${gpuLabel}) (${busy}))`;
    const divisible = `(${busy}) * on (${gpuLabel}) group_left (${usersLabel}) (${users})`;
    const now = `sum by (${[podLabel, usersLabel, sliceLabel, toldLabel].join(', ')}) (${divisible})`;
    const hours = `sum_over_time((${now})[{{range}}:1m]) / 6000`;
    return union(marked(hours, partLabel, 'hours'), ...aboutUsers(pods));
  },
  samples: {
    about: (pods) => {
      const parts = aboutUsers(pods);
      return parts.length > 0 ? union(...parts) : undefined;
    },
    selector: () => activeGpuEvidence,
    aheadMs: 0,
    perCounted: 1,
    countedAs: gpuUserOf,
  },
};

/** What is known of the pods that used GPUs. */
function aboutUsers(pods: readonly KnownPod[] | undefined): string[] {
  const ours = pods?.filter(({ ofService }) => ofService);
  const others = pods?.filter(({ ofService, name }) => !ofService && name !== '');
  return [
    ...(ours?.length === 0 ? [] : [labelsOf(ours, podsAtGpus)]),
    ...(others?.length === 0 ? [] : [targetsAmong(others)]),
  ];
}

/**
 * Pods outside of the services' namespaces that Prometheus scrapes. One that reports GPUs is an exporter, whatever it is
 * named, and its name says nothing about who used them.
 */
function targetsAmong(pods: readonly KnownPod[] | undefined): string {
  const named = pods ? `pod=~"${alternatives(pods.map(({ name }) => name))}"` : 'pod!=""';
  const up = lastIn('reach')(`up{namespace!~"{{services_namespace}}.*",${named}}`);
  const all = `group by (${podLabel}) (label_join(${up}, "${podLabel}", "/", "namespace", "pod"))`;
  return marked(
    pods ? all : `${all} and on (${podLabel}) group by (${podLabel}) (${podsAtGpus})`,
    partLabel,
    'targets'
  );
}

/**
 * Default of `gpuQuery`: hours for which GPUs were allocated to pods. It names the plugin's own measure (`allocatedGpu`, and
 * others where that is not known), which knows more labels and exporters.
 */
export const defaultGpuQuery = byServiceOrPod(
  `last_over_time(${requests}{namespace=~"{{services_namespace}}.*",resource="nvidia_com_gpu"}[{{reach}}])`,
  `sum by (namespace, pod) (sum_over_time((max by (namespace, pod, container) (last_over_time(${requests}{` +
    'namespace=~"{{services_namespace}}.*",resource="nvidia_com_gpu"}[{{look_back}}])) unless on (namespace, pod) ' +
    'last_over_time(kube_pod_completion_time{namespace=~"{{services_namespace}}.*"}[5m]))[{{range}}:1m])) / 60'
);

/** Hours of the GPU metric that OSCAR's own queries name; no known exporter delivers it. */
export const oscarGpuQuery =
  'sum by (oscar_service, service, pod) (increase(container_gpu_usage_seconds_total{' +
  'namespace=~"{{services_namespace}}.*"}[{{range}}])) / 3600';

/** Series that show whether GPUs are scraped at all: pods that ask for some, or nodes with some. */
export const gpuEvidence = `{__name__=~"${requests}|kube_node_status_allocatable",${ofGpus}}`;
export const oscarGpuEvidence = 'container_gpu_usage_seconds_total';

/** Times in a range at which series are looked for of which some are always there. */
const looks = 8;

/**
 * Has a series where the requests of pods are known up to the evaluation time: some are for GPUs, or nodes have GPUs and the
 * requests of containers for processors are there. That nodes have GPUs does not show that requests are scraped.
 */
export function requestsSeen(rangeMs: number): string {
  const ofPods = anyRequestOfGpus(rangeMs);
  const ofNodes = seenIn(`kube_node_status_allocatable{${ofGpus}}`)(rangeMs);
  return `${ofPods} or (${ofNodes} and ${seenAtTimes(`${requests}{resource="cpu"}`, rangeMs)})`;
}

/** Has a series where labels of some pod of the cluster are known up to the evaluation time. */
export function podLabelsSeen(rangeMs: number): string {
  return seenAtTimes('kube_pod_labels', rangeMs);
}

/** Has a series where a selector of many series had some at one of a few times up to the evaluation time. */
function seenAtTimes(selector: string, rangeMs: number): string {
  const step = duration(Math.max(minuteMs, Math.floor(rangeMs / looks)));
  return `count_over_time((count(last_over_time(${selector}[10m])))[${duration(rangeMs)}:${step}])`;
}

/** Has a series where some pod of the cluster asked for GPUs, or for shares of them. */
export const anyRequestOfGpus = seenIn(`${requests}{${ofGpus}}`);

/** Has a series where a selector had some up to the evaluation time. */
export function seenIn(selector: string): (rangeMs: number) => string {
  return (rangeMs) => `count(last_over_time(${selector}[${duration(rangeMs)}]))`;
}
