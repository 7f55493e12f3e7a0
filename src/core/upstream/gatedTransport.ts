import { tap } from 'rxjs';

import { toUpstreamError } from './errors';
import { type Gate } from './gate';
import { defaultRetryPolicy, type RetryPolicy } from './retry';
import { engineOf, type Transport } from './transport';

/**
 * A transport whose requests wait for their turn, with the name of the engine as the key of the gate. When an engine refuses one for
 * its rate, all requests to it wait for a while, and no others.
 */
export function gatedTransport(transport: Transport, gate: Gate, policy: RetryPolicy = defaultRetryPolicy): Transport {
  const refusedInARow = new Map<string, number>();
  return (request) => {
    const engine = engineOf(request);
    return gate.run(
      transport(request).pipe(
        tap({
          next: () => refusedInARow.delete(engine),
          error: (error: unknown) => {
            if (toUpstreamError(error).kind === 'rate') {
              const refused = refusedInARow.get(engine) ?? 0;
              gate.hold(Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** refused), engine);
              refusedInARow.set(engine, refused + 1);
            }
          },
        })
      ),
      engine
    );
  };
}
