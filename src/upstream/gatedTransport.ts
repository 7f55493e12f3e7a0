import { tap } from 'rxjs';

import { toUpstreamError } from './errors';
import { type Gate } from './gate';
import { defaultRetryPolicy, type RetryPolicy } from './retry';
import { type Transport } from './transport';

/** A transport whose requests wait for their turn, and all of them for a while after one was refused for its rate. */
export function gatedTransport(transport: Transport, gate: Gate, policy: RetryPolicy = defaultRetryPolicy): Transport {
  let refusedInARow = 0;
  return (request) =>
    gate.run(
      transport(request).pipe(
        tap({
          next: () => (refusedInARow = 0),
          error: (error: unknown) => {
            const { kind, retryAfterMs = 0 } = toUpstreamError(error);
            if (kind === 'rate') {
              gate.hold(
                Math.max(retryAfterMs, Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** refusedInARow))
              );
              refusedInARow += 1;
            }
          },
        })
      )
    );
}
