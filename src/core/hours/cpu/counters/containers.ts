import { cgroupPattern, type Counted } from '../../../expr/promqlCounters';
import { type PromSeries } from '../../../upstream/prometheus';
import { podKeyOf } from '../podValues';

/** Samples of one series, oldest first: times in ms since the epoch, and values. */
export type Samples = ReadonlyArray<readonly [number, number]>;

/** One series of a container's counter. */
export interface CounterSeries {
  /** What names the container's cgroup: each start of the container has another one. */
  cgroup?: string;
  /** The runtime's name of the container, which may do the same where there is no cgroup. */
  name?: string;
  samples: Samples;
}

/** The counters of one container of a pod, with all twins: series that repeat each other. */
export interface Container {
  /** Several where one cgroup bears several names. */
  names: readonly string[];
  series: readonly CounterSeries[];
}

/** By what the starts of a container are distinguished in a series. */
export type Kind = 'cgroup' | 'name' | 'none';

export function kindOf({ cgroup, name }: CounterSeries): Kind {
  return cgroup !== undefined ? 'cgroup' : name !== undefined ? 'name' : 'none';
}

const cgroupPath = new RegExp(`^(?:${cgroupPattern})$`, 's');

/**
 * The containers of pods (by key), by the rules of the queries (`promqlCounters.ts`). Values that are not finite are left out.
 */
export function containersByPod(
  series: readonly PromSeries[],
  { servicesNamespace, labelling }: Counted
): Map<string, Container[]> {
  const pods = new Map<string, Map<string, Map<string, PromSeries[]>>>();
  for (const one of series) {
    const own = withOwnLabels(one.labels, servicesNamespace);
    const containers = entryOf(pods, podKeyOf(own), () => new Map<string, Map<string, PromSeries[]>>());
    const targets = entryOf(containers, own['container'] ?? '', () => new Map<string, PromSeries[]>());
    entryOf(targets, targetOf(one.labels), () => [] as PromSeries[]).push(one);
  }
  const closed = ([name, targets]: [string, Map<string, PromSeries[]>]): Container => ({
    names: [name],
    series: [...targets.values()].map(ofAllProcessors),
  });
  return new Map(
    [...pods].map(([key, containers]) => {
      const all = [...containers].map(closed);
      return [key, labelling.withoutId ? all : joined(all)];
    })
  );
}

/** Containers that share a cgroup are one, whatever they are called. */
export function joined(containers: readonly Container[]): Container[] {
  const groups: Array<{ names: string[]; series: CounterSeries[]; cgroups: Set<string> }> = [];
  for (const { names, series } of containers) {
    const cgroups = new Set(series.flatMap(({ cgroup }) => cgroup ?? []));
    const same = groups.filter((group) => [...cgroups].some((cgroup) => group.cgroups.has(cgroup)));
    const [group = { names: [], series: [], cgroups: new Set<string>() }, ...others] = same;
    if (same.length === 0) {
      groups.push(group);
    }
    for (const more of [{ names, series, cgroups }, ...others]) {
      group.names.push(...more.names);
      group.series.push(...more.series);
      more.cgroups.forEach((cgroup) => group.cgroups.add(cgroup));
    }
    others.forEach((other) => groups.splice(groups.indexOf(other), 1));
  }
  return groups.map(({ names, series }) => ({ names, series }));
}

/** The labels of a container, where those of another exporter took their place. */
function withOwnLabels(labels: PromSeries['labels'], servicesNamespace: string): PromSeries['labels'] {
  if (labels['namespace']?.startsWith(servicesNamespace)) {
    return labels;
  }
  const renamed = ['namespace', 'pod', 'container'].flatMap((name) => {
    const own = labels[`exported_${name}`];
    return own ? [[name, own]] : [];
  });
  return { ...labels, ...Object.fromEntries(renamed) };
}

/** All labels but the processor's. */
function targetOf(labels: PromSeries['labels']): string {
  return JSON.stringify(
    Object.entries(labels)
      .filter(([name]) => name !== 'cpu')
      .sort()
  );
}

function ofAllProcessors(ofProcessors: readonly PromSeries[]): CounterSeries {
  const { id, name } = ofProcessors[0]?.labels ?? {};
  const cgroup = cgroupOf(id);
  const finite = ofProcessors.map(({ samples }) => samples.filter(([, value]) => Number.isFinite(value)));
  return {
    ...(cgroup !== undefined && { cgroup }),
    ...(name && { name }),
    samples: summed(finite),
  };
}

/** What identifies the cgroup of a counter with a label `id`; undefined without one. */
export function cgroupOf(id = ''): string | undefined {
  const [, part, whole] = cgroupPath.exec(id) ?? [];
  return part ?? whole;
}

/** The sum of counters of single processors, which are scraped at the same times. */
function summed(ofProcessors: readonly Samples[]): Samples {
  const [only = [], ...rest] = ofProcessors;
  if (rest.length === 0) {
    return only;
  }
  const sums = new Map<number, number>();
  for (const [time, value] of ofProcessors.flat()) {
    sums.set(time, (sums.get(time) ?? 0) + value);
  }
  return [...sums].sort(([a], [b]) => a - b);
}

function entryOf<V>(map: Map<string, V>, key: string, create: () => V): V {
  const entry = map.get(key) ?? create();
  map.set(key, entry);
  return entry;
}

/** The samples of containers for which `isInside` is true of the time. */
export function within(containers: readonly Container[], isInside: (time: number) => boolean): Container[] {
  return containers.map(({ names, series }) => ({
    names,
    series: series
      .map((one) => ({ ...one, samples: one.samples.filter(([time]) => isInside(time)) }))
      .filter(({ samples }) => samples.length > 0),
  }));
}

/** All samples of containers, in no order. */
export function allSamples(containers: readonly Container[]): Array<readonly [number, number]> {
  return containers.flatMap(({ series }) => series.flatMap(({ samples }) => samples));
}
