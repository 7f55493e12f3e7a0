import { sourcesOf } from '../domain/affectedMetrics';
import { othersKey } from '../domain/others';
import { invalidService, unattributedService } from '../domain/serviceName';
import { sourceNames } from '../domain/sources';
import { isoTime } from '../domain/text';
import { type Edge } from '../requests/seenTimes';
import { gpuColumns } from './gpuColumns';
import { type Cell, type Facts, orNull, type Report } from './report';
import { servicesSeen } from './summary';
import { type CellColumn, statusColumn, tableReport } from './tableReport';

const { inventory, cpu, gpu, requests, servicesSeen: seen, byService } = sourcesOf;

/** What makes a service one of this report. */
const known = sourceNames.filter((source) => [...inventory, ...seen].some((one) => one === source));

const hoursOf = (service: string, hours: ReadonlyMap<string, number>) => hours.get(service) ?? 0;

const columns: ReadonlyArray<CellColumn<string>> = [
  { name: 'service', type: 'text', role: 'key', sources: known, cell: (service) => service },
  {
    name: 'active',
    type: 'flag',
    sources: inventory,
    // Of the others, some may be active and some not.
    cell: (service, { deployed, unmerged }) =>
      unmerged && service === othersKey ? null : orNull(deployed, (names) => setOf(names).has(service)),
  },
  ...(['first', 'last'] as const).map((edge): CellColumn<string> => ({
    name: `${edge}_seen`,
    type: 'text',
    sources: seen,
    times: true,
    cell: (service, facts) => seenCell(facts, service, edge),
  })),
  {
    name: 'requests_count_total',
    type: 'count',
    sources: requests,
    cell: (service, facts) => orNull(facts.requests, (keys) => keys.countBy('service').get(service) ?? 0),
  },
  {
    name: 'cpu_hours',
    type: 'hours',
    sources: cpu,
    cell: (service, facts) => orNull(facts.cpu, (hours) => hoursOf(service, hours)),
  },
  {
    name: 'gpu_hours',
    type: 'hours',
    sources: gpu,
    cell: (service, facts) => orNull(facts.gpu, (hours) => hoursOf(service, hours)),
  },
  statusColumn([...inventory, ...byService]),
  ...gpuColumns(hoursOf),
];

/** Each service that was seen in the range or is deployed now (contract, "services"; rule 10). */
export const services: Report = tableReport({
  columns,
  order: 'ranked',
  *items(facts) {
    return new Set([...servicesSeen(facts), ...(facts.deployed ?? [])]);
  },
  mergedBy: { key: 'service', noun: 'services', except: [invalidService, unattributedService] },
});

/** Asked for each of thousands of services. */
const sets = new WeakMap<readonly string[], ReadonlySet<string>>();

function setOf(names: readonly string[]): ReadonlySet<string> {
  const known = sets.get(names) ?? new Set(names);
  sets.set(names, known);
  return known;
}

/** Exact where there were requests; of a service that only used CPU, the edges of the windows in which it did. */
function seenCell({ seen: called, usedCpu }: Facts, service: string, edge: Edge): Cell {
  const time = (called?.get(service) ?? usedCpu?.get(service))?.[edge];
  return time === undefined ? null : isoTime(time);
}
