import { othersKey } from '../domain/others';
import { type ServiceFilter } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type Seen } from '../ledger/seenTimes';
import { unionOf } from './facts';
import { type Facts } from './report';

/** What rows are about, where all that are not kept are merged into one. */
export type MergedBy = 'service' | 'user' | 'country';

type Hours = ReadonlyMap<string, number>;
type Times = ReadonlyMap<string, Seen>;

/**
 * The facts as if all services, users or countries that are not kept were a single one, `(others)`: what can be summed is
 * their sum, and what is distinct is counted anew among all their requests. `kept` must not change.
 */
export function withOthers(facts: Facts, by: MergedBy, kept: ReadonlySet<string>, services: ServiceFilter): Facts {
  const keys = (all: KeyCounts | null) => all && all.merged(by, kept, othersKey);
  const requests = { unmerged: facts, requests: keys(facts.requests), exposed: keys(facts.exposed) };
  if (by !== 'service') {
    return overlaid(facts, requests);
  }
  const hours = (all: Hours | null) => all && summed(all, kept);
  const isOther = (name: string) => !kept.has(name) && (!services || services.has(name));
  const { gpuKinds, deployed } = facts;
  return overlaid(facts, {
    ...requests,
    cpu: hours(facts.cpu),
    gpu: hours(facts.gpu),
    gpuKinds: gpuKinds && { active: summed(gpuKinds.active, kept), allocated: summed(gpuKinds.allocated, kept) },
    deployed: deployed && [...new Set(deployed.map((name) => (kept.has(name) ? name : othersKey)))],
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

function summed(all: Hours, kept: ReadonlySet<string>): Hours {
  const sums = new Map<string, number>();
  for (const [name, value] of all) {
    const key = kept.has(name) ? name : othersKey;
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}

/** The times with one entry more, from the first to the last time of the others among `all`, if there are any. */
function together(own: Times, all: Times, isOther: (name: string) => boolean): Times {
  const others = [...all].filter(([name]) => isOther(name)).map(([, seen]) => seen);
  const [first, ...rest] = others;
  return first ? new Map([...own, [othersKey, rest.reduce(unionOf, first)]]) : own;
}
