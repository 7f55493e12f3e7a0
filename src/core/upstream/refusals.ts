import { tap } from 'rxjs';

import { toUpstreamError, type UpstreamError } from './errors';
import { type Engine, engineOf, type Transport, type TransportRequest } from './transport';

/** The paths by which data are read. That an engine keeps its limits or its state to itself refuses nothing. */
const readsData = /(?:^|\/)api\/v1\/(?:query|query_range|series)$/;

/**
 * Whether an engine, or Grafana in front of it, refused to let this user read (403). Nobody is shown from memory what they may
 * no longer read: what was kept of the engine is forgotten, and what is under way is given up.
 */
export class Refusals {
  private readonly times: Record<Engine, number> = { loki: 0, prometheus: 0 };
  private readonly reasons: Partial<Record<Engine, UpstreamError>> = {};

  /** @param forget drops all that is kept of the engine that refused a request */
  constructor(private readonly forget: (request: TransportRequest) => void) {}

  /** The same transport; a refusal of what a source asks for counts. */
  watched(transport: Transport): Transport {
    return (request) =>
      transport(request).pipe(
        tap({
          error: (error: unknown) => {
            const reason = toUpstreamError(error);
            if (reason.kind === 'permission' && request.purpose !== undefined && readsData.test(request.path)) {
              const engine = engineOf(request);
              this.times[engine] += 1;
              this.reasons[engine] = reason;
              this.forget(request);
            }
          },
        })
      );
  }

  /** To be asked before and after a reading: the refusal in between; undefined when there was none. */
  since(engine: Engine): () => UpstreamError | undefined {
    const before = this.times[engine];
    return () => (this.times[engine] === before ? undefined : this.reasons[engine]);
  }
}
