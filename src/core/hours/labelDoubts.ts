import { labelsAllowlist } from '../domain/podLabels';
import { unattributedService } from '../domain/serviceName';
import { exactSum, ExactSums } from '../domain/sums';
import { type Doubt } from './attribution';
import { firstOf } from './wording';

/** Hours of a window by service, and those of them that are unreliable, by the reason and the service that they were given to. */
export interface LabelledWindow {
  hours: ReadonlyMap<string, number>;
  doubted: ReadonlyMap<Doubt, ReadonlyMap<string, number>>;
}

/** Hours of pods that kube-state-metrics did not see in time, or of no known service, raise a doubt above this share of all. */
const notableUnknown = 0.01;

const byNames = ['no-labels', 'unlabelled', 'unknown'] as const;

const texts: Readonly<Record<(typeof byNames)[number], string>> = {
  'no-labels': `there is no kube_pod_labels; start kube-state-metrics with ${labelsAllowlist}`,
  unlabelled: `kube_pod_labels has none of the labels that name a service; start kube-state-metrics with ${labelsAllowlist}`,
  unknown: 'kube_pod_labels covers other pods, but not these; scrape kube-state-metrics more often',
};

/** Why hours of a kind may have been given to the wrong services, and what to change in the cluster. */
export function labelDoubts(windows: readonly LabelledWindow[], kind: string): string[] {
  const least = leastOf(windows);
  const unattributed = unattributedOf(windows);
  const ofNames = byNames.flatMap((doubt) => {
    const named = doubtedOf(windows, doubt);
    const none = named.get(unattributedService) ?? 0;
    named.delete(unattributedService);
    const hours = exactSum(named.values());
    return [
      ...(hours > (doubt === 'unknown' ? least : 0)
        ? [
            `${hours.toFixed(2)} ${kind} hours (${firstOf([...named.keys()].sort())}) were assigned to services by pod names alone: ` +
              texts[doubt],
          ]
        : []),
      ...(none > 0 && unattributed > least
        ? [
            `${none.toFixed(2)} ${kind} hours are ${unattributedService}, because pod names do not identify a service: ${texts[doubt]}`,
          ]
        : []),
    ];
  });
  const several = doubtedOf(windows, 'contradictory');
  return [
    ...ofNames,
    ...(several.size > 0
      ? [
          `${exactSum(several.values()).toFixed(2)} ${kind} hours (${firstOf([...several.keys()].sort())}) belong to pods for which kube_pod_labels names ` +
            'several services, at once or one after another; each pod was assigned to one of them: check for pods that share a name, and for a ' +
            'kube-state-metrics that watches another cluster',
        ]
      : []),
  ];
}

/** Some use by pods of no known service is normal: other software runs in the services' namespaces for a while. */
export function unattributedNotes(windows: readonly LabelledWindow[], kind: string): string[] {
  const hours = unattributedOf(windows);
  return hours > 0 && hours <= leastOf(windows)
    ? [
        `${Number(hours.toPrecision(2))} ${kind} hours (less than 1 %) are ${unattributedService}: their pods belong to no known service`,
      ]
    : [];
}

function leastOf(windows: readonly LabelledWindow[]): number {
  return notableUnknown * exactSum(windows.flatMap(({ hours }) => [...hours.values()]));
}

/** Hours of pods whose service is known neither by labels nor by name. */
function unattributedOf(windows: readonly LabelledWindow[]): number {
  return exactSum(byNames.map((doubt) => doubtedOf(windows, doubt).get(unattributedService) ?? 0));
}

function doubtedOf(windows: readonly LabelledWindow[], doubt: Doubt): Map<string, number> {
  const hours = new ExactSums<string>();
  windows.forEach(({ doubted }) => doubted.get(doubt)?.forEach((value, service) => hours.add(service, value)));
  return hours.toMap();
}
