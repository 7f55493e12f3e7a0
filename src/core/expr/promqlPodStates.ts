import { minuteMs } from '../domain/duration';
import { alternatives, type KnownPod, ofServicePods, podLabel } from './promqlPods';
import { marked, union } from './promqlText';

/** How long after a moment a container's counter is looked for, by which its pod is known to have gone on. */
const goesOnWithin = '5m';
export const goesOnWithinMs = 5 * minuteMs;

/** Counters that show that a pod goes on. */
export const ofContainers = 'container_cpu_usage_seconds_total';

export const ofKubeStateMetrics = 'kube_pod_status_phase|kube_pod_status_scheduled|kube_pod_completion_time';

/** Values of the label `phase` for states that are no phase. */
export const onNode = '(node)';
export const counted = '(counted)';

interface Vote {
  /** Empty: none. */
  phase: string;
  condition: string;
  /** Above 0: the pod holds nothing. */
  vote: number;
}

/**
 * What each thing that is known of a pod says about what it asked for. The first line that is true decides, because its vote
 * outweighs all below it.
 * - It is over, or known not to be on a node yet (`kube_pod_status_scheduled`).
 * - It runs, or a container of it is scraped later on.
 * - A container ended (`kube_pod_completion_time` is there as soon as any of a pod's containers has ended).
 * - It is on a node, though perhaps still waiting for its image.
 * - It is pending.
 */
export const votes: readonly Vote[] = [
  { phase: 'Succeeded', condition: '', vote: 1000 },
  { phase: 'Failed', condition: '', vote: 1000 },
  { phase: '', condition: 'false', vote: 1000 },
  { phase: 'Running', condition: '', vote: -100 },
  { phase: 'Unknown', condition: '', vote: -100 },
  { phase: counted, condition: '', vote: -100 },
  { phase: '', condition: '', vote: 50 },
  { phase: '', condition: 'true', vote: -7 },
  { phase: onNode, condition: '', vote: -7 },
  { phase: 'Pending', condition: '', vote: 5 },
];

function votesAsVector(): string {
  const constants = votes.map(({ phase, condition, vote }) =>
    Object.entries({ phase, condition }).reduce(
      (inner, [label, value]) => (value ? marked(inner, label, value) : inner),
      `vector(${vote})`
    )
  );
  return union(...constants);
}

const lastNow = (selector: string) => `last_over_time(${selector}[{{look_back}}])`;

/**
 * PromQL template of the pods that hold nothing at a moment of what their containers request (`requests`): they are over or wait
 * for a node. Only these pods, or all of them; of all, nobody asks whether their containers are scraped later on, as that costs the engine most.
 */
export function podsWithout(requests: { metric: string; matchers: string }, pods?: readonly KnownPod[]): string {
  const told = ofServicePods('', `__name__=~"${ofKubeStateMetrics}",condition!="unknown"`, lastNow, {
    pods,
    elsewhere: true,
  });
  const located = ofServicePods(requests.metric, `${requests.matchers},node!=""`, lastNow, { pods });
  // Whoever scrapes containers need not be who scrapes kube-state-metrics.
  const plain = pods?.map((pod) => ({ ...pod, shape: { namespace: 'namespace', pod: 'pod' } as const }));
  const later = (selector: string) => `last_over_time(${selector}[${goesOnWithin}] offset -${goesOnWithin})`;
  const states = union(
    `max by (${podLabel}, phase, condition) (clamp_max(${told}, 1))`,
    marked(`group by (${podLabel}) (${located})`, 'phase', onNode),
    ...(plain
      ? [
          marked(
            `group by (${podLabel}) (${ofServicePods(ofContainers, '', later, { pods: plain })})`,
            'phase',
            counted
          ),
        ]
      : [])
  );
  return `sum by (${podLabel}) ((${states}) * on (phase, condition) group_left () (${votesAsVector()})) > 0`;
}

/** PromQL template that has a series where metrics tell of pods that are not identified by the labels `namespace` and `pod`. */
export function toldElsewhere(metrics: string): string {
  const read = (matchers: string) => `last_over_time({${matchers},__name__=~"${metrics}"}[{{reach}}])`;
  const exported = read('exported_namespace=~"{{services_namespace}}.*"');
  const pods = read('namespace=~"{{services_namespace}}.*",exported_namespace="",exported_pod!=""');
  return `count(${exported} or ${pods})`;
}

/** PromQL template of a selector of all from which `podsWithout` follows for pods that the labels `namespace` and `pod` identify. */
export function samplesOfStates(of: { metric: string; matcher: string }, pods: readonly KnownPod[]): string {
  const names = alternatives([...new Set(pods.map(({ name }) => name))]);
  return (
    `{__name__=~"${of.metric}|${ofKubeStateMetrics}|${ofContainers}",namespace=~"{{services_namespace}}.*",` +
    `exported_namespace="",pod=~"${names}",exported_pod="",condition!="unknown",${of.matcher}}`
  );
}

/** PromQL template that has a series where phases of pods are known at the end of a window. */
export const phasesKnown = 'group(last_over_time(kube_pod_status_phase{phase="Running"}[{{look_back}}]))';

/**
 * PromQL template of the pods of which a container ended and no phase is known, so that nothing but the scrapes of their containers could show
 * whether they went on.
 */
export function podsWithoutPhase(): string {
  const inReach = (selector: string) => `last_over_time(${selector}[{{reach}}])`;
  const [completed, phases] = ['kube_pod_completion_time', 'kube_pod_status_phase'].map((metric) =>
    ofServicePods(metric, '', inReach)
  );
  return `group by (${podLabel}) ((${completed}) unless on (${podLabel}) (${phases}))`;
}
