import { cgroupPattern } from '../expr/promqlCounters';
import { type PromSeries } from '../upstream/prometheus';
import { podKeyOf } from './podValues';

/** Samples of one series, oldest first: times in ms since the epoch, and values. */
export type Samples = ReadonlyArray<readonly [number, number]>;

/** The samples of one counter as each of its twins has them: series that differ in what they were scraped by. */
export type Counter = readonly Samples[];

/** The counters of one container of a pod. */
export interface Container {
  name: string;
  /** One for each time that it was started. */
  known: readonly Counter[];
  /** Those without an `id`: each goes on when the container is started again, and repeats the known ones. */
  others: readonly Counter[];
}

const cgroup = new RegExp(`^(?:${cgroupPattern})$`, 's');

interface OpenContainer {
  known: Map<string, Map<string, Samples[]>>;
  others: Map<string, Map<string, Samples[]>>;
}

/** The containers of pods (by key), by the rules of the queries (`promqlCounters.ts`). Values that are not finite are left out. */
export function containersByPod(series: readonly PromSeries[], servicesNamespace: string): Map<string, Container[]> {
  const pods = new Map<string, Map<string, OpenContainer>>();
  for (const { labels, samples } of series) {
    const own = withOwnLabels(labels, servicesNamespace);
    const containers = entryOf(pods, podKeyOf(own), () => new Map<string, OpenContainer>());
    const { known, others } = entryOf(containers, own['container'] ?? '', () => ({
      known: new Map(),
      others: new Map(),
    }));
    const [, path, rest] = cgroup.exec(own['id'] ?? '') ?? [];
    const id = path ?? rest;
    const counters = id === undefined ? others : known;
    const twins = entryOf(counters, id ?? own['name'] ?? '', () => new Map<string, Samples[]>());
    const ofProcessors = entryOf(twins, targetOf(labels), () => [] as Samples[]);
    ofProcessors.push(samples.filter(([, value]) => Number.isFinite(value)));
  }
  const closed = (counters: OpenContainer['known']): Counter[] =>
    [...counters.values()].map((twins) => [...twins.values()].map(summed));
  return new Map(
    [...pods].map(([key, containers]) => [
      key,
      [...containers].map(([name, { known, others }]) => ({ name, known: closed(known), others: closed(others) })),
    ])
  );
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
  const cut = (counters: readonly Counter[]): Counter[] =>
    counters
      .map((twins) => twins.map((samples) => samples.filter(([time]) => isInside(time))))
      .map((twins) => twins.filter((samples) => samples.length > 0))
      .filter((twins) => twins.length > 0);
  return containers.map(({ name, known, others }) => ({ name, known: cut(known), others: cut(others) }));
}

/** The counters that tell of a container; the others repeat them. */
export function tellingOf({ known, others }: Container): readonly Counter[] {
  return known.length > 0 ? known : others;
}

/** All samples of containers, in no order. */
export function allSamples(containers: readonly Container[]): Array<readonly [number, number]> {
  return containers.flatMap(({ known, others }) => [...known, ...others].flat(2));
}
