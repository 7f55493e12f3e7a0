import { type PromSeries } from '../../../upstream/prometheus';
import { groupedBy } from '../../grouped';
import { cgroupOf, kindOf } from './containers';

/** What distinguishes a counter of a pod. */
interface Named {
  container: string;
  kind: string;
  /** Of the cgroup of this start of the container, or what stands for it; empty where nothing does. */
  start: string;
}

/**
 * Whether counters of one pod that all have more than half of the samples of a time repeat each other. A container runs once at a time, so
 * several starts of it are twins that the labels do not show. Where some counters have no `id`, a cgroup may have several
 * containers as well, and containers that only one kind of counters knows may be those that only the other one knows.
 */
export function areTwins(counters: ReadonlyArray<PromSeries['labels']>, withoutId: boolean): boolean {
  const all = counters.map(withoutId ? namedByKind : namedById);
  const kinds = [...groupedBy(all, ({ kind }) => kind).values()];
  const containersOf = (some: readonly Named[]) => new Set(some.map(({ container }) => container)).size;
  return (
    several(
      all,
      ({ container, kind }) => `${kind} ${container}`,
      ({ start }) => start
    ) ||
    (withoutId &&
      (several(
        all.filter(({ kind }) => kind === 'cgroup'),
        ({ start }) => start,
        ({ container }) => container
      ) ||
        containersOf(all) > Math.max(...kinds.map(containersOf))))
  );
}

/** Whether a group has members that differ. */
function several(all: readonly Named[], groupOf: (one: Named) => string, valueOf: (one: Named) => string): boolean {
  return [...groupedBy(all, groupOf).values()].some((group) => new Set(group.map(valueOf)).size > 1);
}

function namedById({ container = '', id }: PromSeries['labels']): Named {
  return { container, kind: '', start: cgroupOf(id) ?? '' };
}

function namedByKind({ container = '', id, name }: PromSeries['labels']): Named {
  const cgroup = cgroupOf(id);
  return {
    container,
    kind: kindOf({ ...(cgroup !== undefined && { cgroup }), ...(name && { name }), samples: [] }),
    start: cgroup ?? name ?? '',
  };
}
