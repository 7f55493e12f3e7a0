import { catchError, defer, map, type Observable, of, switchMap } from 'rxjs';

import { hourMs } from '../domain/duration';
import { labelsAllowlist } from '../domain/podLabels';
import { unattributedService } from '../domain/serviceName';
import { expandTemplate } from '../expr/promql';
import { toUpstreamError } from '../upstream/errors';
import { type PrometheusClient } from '../upstream/prometheus';
import { serviceOfLabels } from './template/templateReader';

/** The services that are deployed now; undefined when that can't be known. */
export interface Inventory {
  services: string[] | undefined;
  /** True when the engine gave no answer. */
  failed: boolean;
  /** True when each deployed service is listed, also those that are scaled to zero. */
  exact: boolean;
  notes: string[];
}

export interface InventoryRequest {
  /** PromQL template with one series per deployed service. */
  template: string;
  /** Tried when the template gives nothing; undefined for a template from the options. */
  fallback: string | undefined;
  servicesNamespace: string;
  /** ms since the epoch. */
  now: number;
}

/** Reads the live inventory (contract rule 10). Never errors. */
export function readInventory(client: PrometheusClient, request: InventoryRequest): Observable<Inventory> {
  return defer(() => {
    const warnings = new Set<string>();
    return readFrom(
      client.reporting((warning) => warnings.add(warning)),
      request
    ).pipe(map((inventory) => (warnings.size > 0 ? doubted(inventory, [...warnings]) : inventory)));
  });
}

/** Services may be missing from a list that an engine calls partial. */
function doubted(inventory: Inventory, warnings: readonly string[]): Inventory {
  return { ...inventory, exact: false, notes: [...inventory.notes, `the list may be partial: ${warnings.join('; ')}`] };
}

function readFrom(client: PrometheusClient, request: InventoryRequest): Observable<Inventory> {
  const { template, fallback, now } = request;
  return servicesOf(client, template, request).pipe(
    switchMap((services): Observable<Inventory> => {
      if (services.length > 0) {
        return of({ services, failed: false, exact: true, notes: [] });
      }
      const note =
        'no series lists the deployed services (kube_configmap_labels with label_oscar_service): start kube-state-metrics ' +
        `with ${labelsAllowlist}`;
      if (fallback === undefined) {
        return of({ services: undefined, failed: false, exact: false, notes: ['the inventory query found no series'] });
      }
      return servicesOf(client, fallback, { ...request, now }).pipe(
        map((running) =>
          running.length > 0
            ? {
                services: running,
                failed: false,
                exact: false,
                notes: [`${note}; services with a container in the last hour are counted instead`],
              }
            : { services: undefined, failed: false, exact: false, notes: [note] }
        )
      );
    }),
    catchError((error: unknown) =>
      of({ services: undefined, failed: true, exact: false, notes: [toUpstreamError(error).message] })
    )
  );
}

function servicesOf(
  client: PrometheusClient,
  template: string,
  { servicesNamespace, now }: InventoryRequest
): Observable<string[]> {
  const query = expandTemplate(template, { servicesNamespace, windowMs: hourMs });
  return client.instant(query, now).pipe(
    map(({ series }) => {
      const names = new Set(series.map(({ labels }) => serviceOfLabels(labels)));
      names.delete(unattributedService);
      return [...names].sort();
    })
  );
}
