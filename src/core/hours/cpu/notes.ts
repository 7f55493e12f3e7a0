import { hourMs } from '../../domain/duration';
import { lengthOf, type Span, totalLength, unionOf } from '../../domain/span';
import { exactSum, ExactSums } from '../../domain/sums';
import { type Scheme, schemes } from '../attribution';
import { labelDoubts, unattributedNotes } from '../labelDoubts';
import { counted, firstOf, gapsFrom } from '../wording';
import { type CpuFacts } from './facts';
import { type CpuWindowView } from './window';

const schemeTexts: Readonly<Record<Scheme, string>> = {
  labels: 'pods are mapped to services by their labels (kube-state-metrics)',
  names: 'pods are mapped to services by their names',
  service: "hours are mapped to services by the label `service` of OSCAR's relabelling",
  none: 'hours are not mapped to services',
  system: 'hours are those of pods that belong to no service',
};

/** An estimate above this share of all hours is said to be large. */
const notableShare = 0.01;

/** What an operator should know about how hours were measured. The windows are in order of time. */
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
  return pods > 0 ? [`${counted(pods, 'pod has', 'pods have')} non-finite counter values`] : [];
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
          "OSCAR's relabelling drops the label `pod`, so pods of a service on one node share one series, and hours can be off by tens " +
            'of percent: keep the label `pod`',
        ]
      : []),
    ...(hasOthers
      ? [
          `${others.toFixed(2)} CPU hours come from container counters without the label \`pod\` and without a label \`service\` that ` +
            'names a service: they are (unattributed), may duplicate those of pods, and can be off by tens of percent where containers ' +
            'share one series; keep the label `pod`',
        ]
      : []),
  ];
}

function hoursOf(windows: readonly CpuWindowView[]): number {
  return exactSum(windows.flatMap(({ hours }) => [...hours.values()]));
}

/** CPU hours of pods that only wait, such as for an image, stay below this. */
const minCgroupHours = 0.01;

function counterDoubts(windows: readonly CpuWindowView[]): string[] {
  const ofCgroups = sumOf(windows, ({ cgroupHours }) => cgroupHours);
  const twins = sumOf(windows, (window) => window.twins);
  return [
    ...(ofCgroups > minCgroupHours
      ? [
          `pods without container counters used ${ofCgroups.toFixed(2)} CPU hours according to the counters of their cgroups, which are ` +
            'less precise: cAdvisor does not report the containers of some node (no label `container`)',
        ]
      : []),
    ...(twins > 0
      ? [
          `${counted(twins, 'pod has', 'pods have')} several simultaneous counters of one container, so ${twins === 1 ? 'its' : 'their'} hours may count more than ` +
            'once: check for jobs that scrape the same containers and drop different labels',
        ]
      : []),
    ...(windows.some(({ hasNameless }) => hasNameless)
      ? [
          "there are counters without the labels `pod` and `container` in the services' namespaces; they are not counted",
        ]
      : []),
  ];
}

function nodeDoubts(windows: readonly CpuWindowView[]): string[] {
  const nodes = new Map<string, number>();
  for (const { unscrapedNodes = new Map<string, number>() } of windows) {
    unscrapedNodes.forEach((pods, node) => nodes.set(node, Math.max(nodes.get(node) ?? 0, pods)));
  }
  const texts = [...nodes].sort().map(([node, pods]) => `${node} (${counted(pods, 'pod')} a day)`);
  return texts.length > 0
    ? [
        `no containers were scraped on ${texts.length === 1 ? 'the node' : 'the nodes'} ${firstOf(texts)}: the CPU hours of pods there, as on ` +
          'virtual nodes, are not counted',
      ]
    : [];
}

function sumOf(windows: readonly CpuWindowView[], value: (window: CpuWindowView) => number): number {
  return exactSum(windows.map(value));
}

function gapNotes(missing: readonly Span[]): string[] {
  const gaps = unionOf(missing);
  const first = gaps[0];
  if (!first) {
    return [];
  }
  const hours = totalLength(gaps) / hourMs;
  return [
    `containers were not scraped for ${hours.toFixed(2)} hours ${gapsFrom(gaps.length, first.start)}: pods that ran throughout are ` +
      'counted in full, pods that started and ended in between are not counted',
  ];
}

function schemeNotes(windows: readonly CpuWindowView[]): string[] {
  const used = coarse(windows).filter(({ hoursByScheme }) => best(hoursByScheme) !== undefined);
  const changes: Array<{ scheme: Scheme; from: number }> = [];
  for (const { start, hoursByScheme } of used) {
    const scheme = best(hoursByScheme) ?? 'none';
    if (changes[changes.length - 1]?.scheme !== scheme) {
      changes.push({ scheme, from: start });
    }
  }
  if (changes.length === 0) {
    return [];
  }
  const [only] = changes;
  if (changes.length === 1 && only) {
    return [schemeTexts[only.scheme]];
  }
  const texts = changes.map(({ scheme, from }) => `from ${new Date(from).toISOString()} on ${schemeTexts[scheme]}`);
  return [`the mapping to services changes within the range: ${texts.join(', ')}`];
}

/** Adjacent windows of less than an hour as one: how most of their hours are mapped changes with every pod. */
function coarse(windows: readonly CpuWindowView[]): Array<Pick<CpuWindowView, 'start' | 'hoursByScheme'>> {
  const gathered: Array<{ start: number; sums: ExactSums<Scheme>; isShort: boolean }> = [];
  for (const window of windows) {
    const isShort = lengthOf(window) < hourMs;
    const last = gathered[gathered.length - 1];
    if (last?.isShort && isShort) {
      addAll(last.sums, window);
    } else {
      gathered.push({ start: window.start, sums: addAll(new ExactSums(), window), isShort });
    }
  }
  return gathered.map(({ start, sums }) => ({ start, hoursByScheme: sums.toMap() }));
}

function addAll(sums: ExactSums<Scheme>, { hoursByScheme }: CpuWindowView): ExactSums<Scheme> {
  hoursByScheme.forEach((hours, scheme) => sums.add(scheme, hours));
  return sums;
}

/** The scheme by which most hours of a window are mapped. */
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
    `${counted(pods, 'pod')} (${lived.toFixed(2)} pod-hours) ended before being scraped; their estimated use is ${hours.toFixed(2)} ` +
      `CPU hours (${percent}${share > notableShare ? ', more than 1 %: scrape more often' : ''})`,
    ...(unknown > 0
      ? [
          `${unknown.toFixed(2)} of these pod-hours have no estimate, because no pod of the service was scraped on that day`,
        ]
      : []),
  ];
}

function historyNotes(windows: readonly CpuWindowView[]): string[] {
  const found = windows.filter(({ withHistory }) => withHistory > 0);
  const counters = sumOf(found, ({ withHistory }) => withHistory);
  const first = found[0];
  return first
    ? [
        `counters of ${counted(counters, 'pod')} do not start near 0, as after a change of labels, from ` +
          `${new Date(first.start).toISOString()} on; what had been used before is not counted again`,
      ]
    : [];
}
