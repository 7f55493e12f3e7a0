import { labelsAllowlist } from '../domain/podLabels';
import { unattributedService } from '../domain/serviceName';
import { type Doubt } from './attribution';
import { addTo } from './sums';

/** Hours of a window, by service, and those of them that can't be relied on, by the reason and the service that they were given to. */
export interface LabelledWindow {
  hours: ReadonlyMap<string, number>;
  doubted: ReadonlyMap<Doubt, ReadonlyMap<string, number>>;
}

/** Hours of pods that kube-state-metrics did not see in time, or that are of no known service, are called out above this share of all. */
const notableUnknown = 0.01;

const byNames = ['no-labels', 'unlabelled', 'unknown'] as const;

const texts: Readonly<Record<(typeof byNames)[number], string>> = {
  'no-labels': `there is no kube_pod_labels; start kube-state-metrics with ${labelsAllowlist}`,
  unlabelled: `kube_pod_labels has none of their labels that lead to a service; start kube-state-metrics with ${labelsAllowlist}`,
  unknown: 'kube_pod_labels does not have them, though it has others: scrape kube-state-metrics more often',
};

/** Why the services of hours of a kind may not be the right ones, and what is to be changed in the cluster. */
export function labelDoubts(windows: readonly LabelledWindow[], kind: string): string[] {
  const least = leastOf(windows);
  const unattributed = unattributedOf(windows);
  const ofNames = byNames.flatMap((doubt) => {
    const named = doubtedOf(windows, doubt);
    const none = named.get(unattributedService) ?? 0;
    named.delete(unattributedService);
    const hours = sumOf(named);
    return [
      ...(hours > (doubt === 'unknown' ? least : 0)
        ? [
            `${hours.toFixed(2)} ${kind} hours (${firstOf([...named.keys()].sort())}) are given to services by the names of pods only: ` +
              texts[doubt],
          ]
        : []),
      ...(none > 0 && unattributed > least
        ? [
            `${none.toFixed(2)} ${kind} hours are ${unattributedService}, of pods whose names tell no service: ${texts[doubt]}`,
          ]
        : []),
    ];
  });
  const several = doubtedOf(windows, 'contradictory');
  return [
    ...ofNames,
    ...(several.size > 0
      ? [
          `${sumOf(several).toFixed(2)} ${kind} hours (${firstOf([...several.keys()].sort())}) are of pods for which kube_pod_labels names ` +
            'several services, at a time or one after the other: each is given to one of these; look for pods that share a name, and for an ' +
            'instance of kube-state-metrics that watches another cluster',
        ]
      : []),
  ];
}

/** A little of pods of no known service is normal: those that other software runs in the services' namespaces for a while. */
export function unattributedNotes(windows: readonly LabelledWindow[], kind: string): string[] {
  const hours = unattributedOf(windows);
  return hours > 0 && hours <= leastOf(windows)
    ? [
        `${Number(hours.toPrecision(2))} ${kind} hours, less than 1 %, are ${unattributedService}, of pods of no known service`,
      ]
    : [];
}

function leastOf(windows: readonly LabelledWindow[]): number {
  return notableUnknown * windows.reduce((total, { hours }) => total + sumOf(hours), 0);
}

/** Hours of pods for which neither labels nor names tell a service. */
function unattributedOf(windows: readonly LabelledWindow[]): number {
  return byNames.reduce((sum, doubt) => sum + (doubtedOf(windows, doubt).get(unattributedService) ?? 0), 0);
}

function doubtedOf(windows: readonly LabelledWindow[], doubt: Doubt): Map<string, number> {
  const hours = new Map<string, number>();
  windows.forEach(({ doubted }) => doubted.get(doubt)?.forEach((value, service) => addTo(hours, service, value)));
  return hours;
}

function sumOf(hours: ReadonlyMap<string, number>): number {
  return [...hours.values()].reduce((sum, value) => sum + value, 0);
}

/** Some of many names, and how many more there are. */
export function firstOf(names: readonly string[]): string {
  const rest = names.length - mostNames;
  return [...names.slice(0, mostNames), ...(rest > 0 ? [`${rest} more`] : [])].join(', ');
}

const mostNames = 10;
