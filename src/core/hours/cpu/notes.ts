import { hourMs } from '../../domain/duration';
import { lengthOf, type Span, totalLength, unionOf } from '../../domain/span';
import { type Scheme, schemes } from '../attribution';
import { firstOf, labelDoubts, unattributedNotes } from '../labelDoubts';
import { addTo } from '../sums';
import { type CpuFacts } from './facts';
import { type CpuWindowView } from './window';

const schemeTexts: Readonly<Record<Scheme, string>> = {
  labels: "kube-state-metrics' labels of the pods",
  names: 'the names of the pods',
  service: "the label `service` of OSCAR's relabelling",
  none: 'nothing',
  system: 'being of no service',
};

/** Estimates above this share of all hours are called out. */
const notableShare = 0.01;

/** What an operator should know about how hours came about. The windows are in order of time. */
export function cpuNotes(windows: readonly CpuWindowView[], missing: readonly Span[]): string[] {
  return [
    ...gapNotes(missing),
    ...schemeNotes(windows),
    ...unattributedNotes(windows, 'CPU'),
    ...unsampledNotes(windows),
    ...historyNotes(windows),
  ];
}

/** Why hours may be too few. */
export function cpuWarnings({ pods: { parts } }: CpuFacts): string[] {
  const pods = parts.nonFinite.size;
  return pods > 0 ? [`${pods} ${pods === 1 ? 'pod has' : 'pods have'} non-finite counter values`] : [];
}

/** Why hours are in doubt. */
export function cpuDoubts(windows: readonly CpuWindowView[]): string[] {
  return [...podlessDoubts(windows), ...labelDoubts(windows, 'CPU'), ...counterDoubts(windows), ...nodeDoubts(windows)];
}

function podlessDoubts(windows: readonly CpuWindowView[]): string[] {
  const named = sumOf(windows, ({ hoursByScheme }) => hoursByScheme.get('service') ?? 0);
  const others = sumOf(windows, ({ podlessHours }) => podlessHours);
  const hasOthers = others > 0 || (named === 0 && windows.some(({ hasPodless }) => hasPodless));
  return [
    ...(named > 0
      ? [
          "OSCAR's relabelling drops the label `pod`, so that pods of a service on one node share one series: " +
            'hours can be tens of percent off; keep the label `pod`',
        ]
      : []),
    ...(hasOthers
      ? [
          `${others.toFixed(2)} CPU hours are of counters of containers without the label \`pod\` and without a label \`service\` that names ` +
            'one: they are (unattributed), may repeat those of pods, and can be tens of percent off where containers share one series; keep ' +
            'the label `pod`',
        ]
      : []),
  ];
}

function hoursOf(windows: readonly CpuWindowView[]): number {
  return sumOf(windows, ({ hours }) => [...hours.values()].reduce((total, value) => total + value, 0));
}

/** CPU hours of pods that only wait, such as for an image, stay below this. */
const leastOfCgroups = 0.01;

function counterDoubts(windows: readonly CpuWindowView[]): string[] {
  const ofCgroups = sumOf(windows, ({ cgroupHours }) => cgroupHours);
  const twins = sumOf(windows, (window) => window.twins);
  return [
    ...(ofCgroups > leastOfCgroups
      ? [
          `pods without a counter of a container used ${ofCgroups.toFixed(2)} CPU hours by the counters of their cgroups, which tell ` +
            "less of them: some node's cAdvisor does not know its containers (no label `container`)",
        ]
      : []),
    ...(twins > 0
      ? [
          `${twins} ${twins === 1 ? 'pod has' : 'pods have'} several counters of one container at a time, which may count its hours more than ` +
            'once: look for jobs that scrape the same containers and drop different labels',
        ]
      : []),
    ...(windows.some(({ hasNameless }) => hasNameless)
      ? [
          'there are counters without the labels `pod` and `container` in the namespaces of services, which are not counted',
        ]
      : []),
  ];
}

function nodeDoubts(windows: readonly CpuWindowView[]): string[] {
  const nodes = new Map<string, number>();
  for (const { unscrapedNodes = new Map<string, number>() } of windows) {
    unscrapedNodes.forEach((pods, node) => nodes.set(node, Math.max(nodes.get(node) ?? 0, pods)));
  }
  const texts = [...nodes].sort().map(([node, pods]) => `${node} (${pods} ${pods === 1 ? 'pod' : 'pods'} a day)`);
  return texts.length > 0
    ? [
        `no container was scraped on ${texts.length === 1 ? 'the node' : 'the nodes'} ${firstOf(texts)}: the CPU hours of pods there, as on ` +
          'virtual nodes, are not counted',
      ]
    : [];
}

function sumOf(windows: readonly CpuWindowView[], value: (window: CpuWindowView) => number): number {
  return windows.reduce((total, window) => total + value(window), 0);
}

function gapNotes(missing: readonly Span[]): string[] {
  const gaps = unionOf(missing);
  const first = gaps[0];
  if (!first) {
    return [];
  }
  const hours = totalLength(gaps) / hourMs;
  return [
    `containers were not scraped for ${hours.toFixed(2)} hours in ${gaps.length} stretches, the first from ` +
      `${new Date(first.start).toISOString()}: counters that went on are whole, pods that came and went are lost`,
  ];
}

function schemeNotes(windows: readonly CpuWindowView[]): string[] {
  const used = coarse(windows).filter(({ hoursByScheme }) => best(hoursByScheme) !== undefined);
  const stretches: Array<{ scheme: Scheme; from: number }> = [];
  for (const { start, hoursByScheme } of used) {
    const scheme = best(hoursByScheme) ?? 'none';
    if (stretches[stretches.length - 1]?.scheme !== scheme) {
      stretches.push({ scheme, from: start });
    }
  }
  if (stretches.length === 0) {
    return [];
  }
  const [only] = stretches;
  if (stretches.length === 1 && only) {
    return [`services are known by ${schemeTexts[only.scheme]}`];
  }
  const texts = stretches.map(({ scheme, from }) => `from ${new Date(from).toISOString()} by ${schemeTexts[scheme]}`);
  return [`how services are known changes inside the range: ${texts.join(', ')}`];
}

/** Adjacent windows of less than an hour as one: what most of their hours are known by changes with every pod. */
function coarse(windows: readonly CpuWindowView[]): Array<Pick<CpuWindowView, 'start' | 'hoursByScheme'>> {
  const gathered: Array<{ start: number; hoursByScheme: Map<Scheme, number>; isShort: boolean }> = [];
  for (const window of windows) {
    const isShort = lengthOf(window) < hourMs;
    const last = gathered[gathered.length - 1];
    if (last?.isShort && isShort) {
      window.hoursByScheme.forEach((hours, scheme) => addTo(last.hoursByScheme, scheme, hours));
    } else {
      gathered.push({ start: window.start, hoursByScheme: new Map(window.hoursByScheme), isShort });
    }
  }
  return gathered;
}

/** The scheme that most hours of a window are known by. */
function best(hoursByScheme: ReadonlyMap<Scheme, number>): Scheme | undefined {
  const hoursOf = (scheme: Scheme) => hoursByScheme.get(scheme) ?? 0;
  return [...schemes].filter((scheme) => hoursOf(scheme) > 0).sort((a, b) => hoursOf(b) - hoursOf(a))[0];
}

function unsampledNotes(windows: readonly CpuWindowView[]): string[] {
  const sum = (value: (window: CpuWindowView) => number) => sumOf(windows, value);
  const pods = sum(({ unsampled }) => unsampled.pods);
  if (pods === 0) {
    return [];
  }
  const lived = sum(({ unsampled }) => unsampled.lifeHours);
  const hours = sum(({ unsampled }) => unsampled.hours);
  const unknown = sum(({ unsampled }) => unsampled.unestimatedLifeHours);
  const all = hoursOf(windows);
  const share = all > 0 ? hours / all : 0;
  const percent = `${(share * 100).toFixed(2)} %`;
  return [
    `${pods} pods lived ${lived.toFixed(2)} hours without a sample; the estimate for them adds ${hours.toFixed(2)} CPU hours (${percent}` +
      `${share > notableShare ? ', more than 1 %: scrape more often' : ''})`,
    ...(unknown > 0
      ? [`${unknown.toFixed(2)} of these hours have no estimate, as no pod of the service was seen`]
      : []),
  ];
}

function historyNotes(windows: readonly CpuWindowView[]): string[] {
  const found = windows.filter(({ withHistory }) => withHistory > 0);
  const counters = found.reduce((sum, { withHistory }) => sum + withHistory, 0);
  const first = found[0];
  return first
    ? [
        `${counters} pods first appear with a history, as after a change of labels, from ` +
          `${new Date(first.start).toISOString()} on; what they used before is not counted there`,
      ]
    : [];
}
