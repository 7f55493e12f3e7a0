import { unattributedService } from '../domain/serviceName';
import { addTo } from './hours';
import { type UsageView, type UsageWindow } from './usageView';

/** Hours below which busy and allocated ones may differ by the times of their samples. */
const leastHours = 0.1;

/** All hours of some windows. */
export function sumOf(windows: readonly UsageWindow[]): number {
  return windows.reduce((sum, { hours }) => sum + [...hours.values()].reduce((total, value) => total + value, 0), 0);
}

/** Hours in which GPUs were busy for somebody who is not known. */
export function strayHoursIn({ windows }: UsageView): number {
  return windows.reduce((sum, { strayHours = 0 }) => sum + strayHours, 0);
}

/** Why busy hours may not be those of services. */
export function busyDoubts(active: UsageView): string[] {
  const hours = strayHoursIn(active);
  return hours > 0
    ? [
        `GPUs were busy for ${hours.toFixed(2)} hours of which DCGM tells no pod; they are ${unattributedService}, and may not ` +
          'be of OSCAR at all: let the DCGM exporter name pods (DCGM_EXPORTER_KUBERNETES)',
      ]
    : [];
}

/** Why allocated hours may not be all that services used. */
export function allocationDoubts(allocated: UsageView, active: UsageView): string[] {
  const shares = new Map<string, number>();
  allocated.windows.forEach((window) => window.shares?.forEach((value, resource) => addTo(shares, resource, value)));
  const named = [...shares]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([one, value]) => `${one} (${value.toFixed(2)} h)`);
  const [held, used] = [allocated, active].map(({ windows }) => hoursByService(windows));
  const unasked = [...(used ?? [])]
    .filter(([service, hours]) => service !== unattributedService && hours > leastHours && !held?.has(service))
    .map(([service, hours]) => `${service} (${hours.toFixed(2)} h)`);
  return [
    ...(named.length > 0
      ? [`shares of GPUs were allocated, which are not counted as GPU hours: ${named.join(', ')}`]
      : []),
    ...(unasked.length > 0
      ? [`services used GPUs without asking for one, which is not counted: ${unasked.sort().join(', ')}`]
      : []),
  ];
}

function hoursByService(windows: readonly UsageWindow[]): Map<string, number> {
  const sums = new Map<string, number>();
  windows.forEach(({ hours }) => hours.forEach((value, service) => addTo(sums, service, value)));
  return sums;
}
