import { tap } from 'rxjs';

import { toUpstreamError } from './errors';
import { type Gate } from './gate';
import { defaultRetryPolicy, type RetryPolicy } from './retry';
import { type Transport } from './transport';

/**
 * A transport whose requests wait for their turn. When an upstream refuses one for its rate, all requests to this
 * upstream wait for a while, and no others.
 */
export function gatedTransport(transport: Transport, gate: Gate, policy: RetryPolicy = defaultRetryPolicy): Transport {
  const refusedInARow = new Map<string, number>();
  return (request) => {
    const { uid } = request;
    return gate.run(
      transport(request).pipe(
        tap({
          next: () => refusedInARow.delete(uid),
          error: (error: unknown) => {
            if (toUpstreamError(error).kind === 'rate') {
              const refused = refusedInARow.get(uid) ?? 0;
              gate.hold(Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** refused), uid);
              refusedInARow.set(uid, refused + 1);
            }
          },
        })
      ),
      uid
    );
  };
}
