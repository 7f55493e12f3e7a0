import { map, type Observable } from 'rxjs';

import { lengthOf, type Span } from '../../domain/span';
import { type Labelling, labellingIn } from '../../expr/promqlCounters';
import { partLabel } from '../../expr/promqlCpu';
import { type PrometheusClient } from '../../upstream/prometheus';

/** Which labels occur in a span. Errors like the client. */
export function askLabelling(client: PrometheusClient, servicesNamespace: string, span: Span): Observable<Labelling> {
  return client.instant(labellingIn(servicesNamespace, lengthOf(span), partLabel), span.end - 1).pipe(
    map(({ series }) => {
      const kinds = new Set(series.map(({ labels }) => labels[partLabel]));
      return {
        exportedCounters: kinds.has('exportedCounters'),
        withoutId: kinds.has('withoutId'),
        exportedObjects: kinds.has('exportedObjects'),
      };
    })
  );
}
