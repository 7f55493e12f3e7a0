import { type SourceName } from '../domain/sources';
import { compareText } from '../domain/text';
import { gpuCells, gpuColumns } from './gpuColumns';
import { type Cell, type Facts, orNull, type Report } from './report';
import { servicesSeen } from './summary';

const sources: readonly SourceName[] = [
  'service-inventory',
  'usage-cpu',
  'usage-gpu',
  'request-logs',
  'exposed-request-logs',
];

/** Each service that was seen in the range or is deployed now (contract, "services"; rule 10). */
export const services: Report = {
  needs: () => ({ requests: true, exposed: true, cpu: true, gpu: true, inventory: true, times: true }),

  sources: () => sources,

  columns: () => [
    { name: 'service', type: 'text' },
    { name: 'active', type: 'flag' },
    { name: 'first_seen', type: 'text' },
    { name: 'last_seen', type: 'text' },
    { name: 'requests_count_total', type: 'count' },
    { name: 'cpu_hours', type: 'hours' },
    { name: 'gpu_hours', type: 'hours' },
    { name: 'completeness', type: 'text' },
    ...gpuColumns,
  ],

  rows(facts) {
    const { deployed, cpu, gpu } = facts;
    const requests = facts.requests?.countBy('service');
    const isDeployed = new Set(deployed ?? []);
    return [...new Set([...servicesSeen(facts), ...isDeployed])]
      .map((service) => ({
        sources,
        cells: {
          service,
          active: orNull(deployed, () => isDeployed.has(service)),
          ...seenCells(facts, service),
          requests_count_total: requests ? (requests.get(service) ?? 0) : null,
          cpu_hours: orNull(cpu, (hours) => hours.get(service) ?? 0),
          gpu_hours: orNull(gpu, (hours) => hours.get(service) ?? 0),
          ...gpuCells(facts, (hours) => hours.get(service) ?? 0),
        },
      }))
      .sort(
        (a, b) =>
          Number(b.cells.requests_count_total) - Number(a.cells.requests_count_total) ||
          compareText(a.cells.service, b.cells.service)
      );
  },
};

/** Exact where there were requests; of a service that only used CPU, the edges of the windows in which it did. */
function seenCells({ seen, usedCpu }: Facts, service: string): Record<'first_seen' | 'last_seen', Cell> {
  const times = seen?.get(service) ?? usedCpu?.get(service);
  return { first_seen: isoTime(times?.first), last_seen: isoTime(times?.last) };
}

function isoTime(ms: number | undefined): Cell {
  return ms === undefined ? null : new Date(ms).toISOString();
}
