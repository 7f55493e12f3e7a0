import { sourcesOf } from '../domain/affectedMetrics';
import { orNull } from './report';
import { type CellColumn } from './tableReport';

/**
 * Further columns where both kinds of GPU hours are known: in which GPUs were busy, and for which they were allocated to
 * pods. They come last, because the contract names the others in their order.
 */
export function gpuColumns<Item>(
  hoursOf: (item: Item, hours: ReadonlyMap<string, number>) => number
): Array<CellColumn<Item>> {
  return (['active', 'allocated'] as const).map((kind) => ({
    name: `gpu_hours_${kind}`,
    type: 'hours',
    role: 'optional',
    sources: sourcesOf.gpu,
    cell: (item, { gpuKinds }) => orNull(gpuKinds, (kinds) => hoursOf(item, kinds[kind])),
  }));
}
