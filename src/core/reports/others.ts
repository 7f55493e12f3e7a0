import { othersKey } from '../domain/others';
import { ExactSums } from '../domain/sums';
import { type KeyCounts } from '../requests/keyCounts';
import { type Seen } from '../requests/seenTimes';
import { unionOf } from './facts';
import { type Facts } from './report';

/** What rows are about, where all that are not kept are merged into one. */
export type MergedBy = 'service' | 'user' | 'country';

type Hours = ReadonlyMap<string, number>;
type Times = ReadonlyMap<string, Seen>;

/**
 * The facts as if all services, users or countries that are not kept were a single one, `(others)`: what can be summed is
 * their sum, and what is distinct is counted anew among all their requests. Hours and times are those of names that have a
 * row, where these are given. `kept` must not change.
 */
export function withOthers(facts: Facts, by: MergedBy, kept: ReadonlySet<string>, rows?: ReadonlySet<string>): Facts {
  const keys = (all: KeyCounts | null) => all && all.merged(by, kept, othersKey);
  const requests = { unmerged: facts, requests: keys(facts.requests), exposed: keys(facts.exposed) };
  if (by !== 'service') {
    return overlaid(facts, requests);
  }
  const isOther = (name: string) => !kept.has(name) && (!rows || rows.has(name));
  const hours = (all: Hours | null) => all && summed(all, kept, isOther);
  const { gpuKinds, deployed } = facts;
  return overlaid(facts, {
    ...requests,
    cpu: hours(facts.cpu),
    gpu: hours(facts.gpu),
    gpuKinds: gpuKinds && {
      active: summed(gpuKinds.active, kept, isOther),
      allocated: summed(gpuKinds.allocated, kept, isOther),
    },
    deployed: deployed && [
      ...new Set(deployed.flatMap((name) => (kept.has(name) ? name : isOther(name) ? othersKey : []))),
    ],
    get seen() {
      // As for each service: of one that was not called, when it used CPU.
      const { seen, usedCpu } = facts;
      return seen && together(seen, new Map([...(usedCpu ?? []), ...seen]), isOther);
    },
    get usedCpu() {
      return facts.usedCpu && together(facts.usedCpu, facts.usedCpu, isOther);
    },
  });
}

/** The same facts with some replaced; those that are worked out on demand still are. */
function overlaid(facts: Facts, changes: Partial<Facts>): Facts {
  return Object.create(facts, Object.getOwnPropertyDescriptors(changes)) as Facts;
}

function summed(all: Hours, kept: ReadonlySet<string>, isOther: (name: string) => boolean): Hours {
  const sums = new ExactSums<string>();
  for (const [name, value] of all) {
    if (kept.has(name)) {
      sums.add(name, value);
    } else if (isOther(name)) {
      sums.add(othersKey, value);
    }
  }
  return sums.toMap();
}

/** The times with one entry more, from the first to the last time of the others among `all`, if there are any. */
function together(own: Times, all: Times, isOther: (name: string) => boolean): Times {
  const others = [...all].filter(([name]) => isOther(name)).map(([, seen]) => seen);
  const [first, ...rest] = others;
  return first ? new Map([...own, [othersKey, rest.reduce(unionOf, first)]]) : own;
}
