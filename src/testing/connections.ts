import { throwError } from 'rxjs';

import { type Connections } from '../core/upstream/connections';
import { UpstreamError } from '../core/upstream/errors';
import { type Transport } from '../core/upstream/transport';

/** Connections whose upstreams are called `loki` and `prometheus`. */
export function connectionsOver(transport: Transport): Connections {
  return {
    transport,
    loki: () => ({ uid: 'loki' }),
    prometheus: () => ({ uid: 'prometheus', method: 'POST', customParameters: [] }),
  };
}

/** A transport of its own to Loki; Prometheus refuses all. */
export function withoutPrometheus(toLoki: Transport): Transport {
  return (request) =>
    request.uid === 'loki' ? toLoki(request) : throwError(() => new UpstreamError('configuration', 'down'));
}
