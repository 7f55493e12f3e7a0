import { type Cell, type Column, type Facts, orNull } from './report';

/**
 * Further columns where both kinds of GPU hours are known: in which GPUs were busy, and for which they were allocated to
 * pods. They come last, because the contract names the others in their order.
 */
export const gpuColumns: readonly Column[] = [
  { name: 'gpu_hours_active', type: 'hours', optional: true },
  { name: 'gpu_hours_allocated', type: 'hours', optional: true },
];

export function gpuCells(
  { gpuKinds }: Pick<Facts, 'gpuKinds'>,
  value: (hours: ReadonlyMap<string, number>) => number
): Record<string, Cell> {
  return {
    gpu_hours_active: orNull(gpuKinds, ({ active }) => value(active)),
    gpu_hours_allocated: orNull(gpuKinds, ({ allocated }) => value(allocated)),
  };
}
