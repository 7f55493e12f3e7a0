import { map, type Observable } from 'rxjs';

import { type SourceState, type Status } from '../completeness/model';
import { type SourceName } from '../domain/sources';
import { defaultInventoryQuery, runningPodsQuery } from '../expr/promql';
import { readInventory } from '../hours/inventory';
import { type GatherRequest, guarded, type Part } from './source';
import { type Upstreams } from './upstreams';

export function inventory(request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = 'service-inventory';
  const { settings, now, range, readAgain, round } = request;
  return guarded([source], request, () => {
    const kept = upstreams.prometheus(source);
    const client = readAgain ? kept.fresh() : kept;
    const template = settings.inventoryQuery;
    const question = {
      template,
      fallback: template === defaultInventoryQuery ? runningPodsQuery : undefined,
      servicesNamespace: settings.servicesNamespace,
    };
    const found$ = round.inventory.get('', () => readInventory(client, { ...question, now }));
    return found$.pipe(
      map((found): Part => {
        const status: Status = found.services === undefined ? 'missing' : found.exact ? 'ok' : 'partial';
        const state: SourceState = {
          source,
          status,
          notes: found.notes,
          // The inventory is of now, whatever the range.
          coveragePercent: status === 'missing' ? 0 : 100,
          missing: status === 'missing' ? [range] : [],
          degraded: false,
          range,
          lastUpdated: now,
        };
        return { values: { inventory: found }, states: [state], failed: found.failed };
      })
    );
  });
}
