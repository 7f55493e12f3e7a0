import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';

import { toUpstreamError, type UpstreamErrorKind } from './errors';

export interface RetryPolicy {
  /** How often a request is sent again at most. */
  retries: number;
  /** Wait before the first repetition, in ms; doubled each time, with jitter between half and the whole of it. */
  firstDelayMs: number;
  longestDelayMs: number;
  random: () => number;
}

export const defaultRetryPolicy: RetryPolicy = {
  retries: 5,
  firstDelayMs: 250,
  longestDelayMs: 8000,
  random: Math.random,
};

const worthRepeating: ReadonlySet<UpstreamErrorKind> = new Set(['rate', 'unavailable', 'malformed']);

/**
 * Sends a request again after a rate limit, a server error or a body that was cut off, waiting as long as the upstream
 * asked or exponentially longer each time. All other errors pass at once: repeating them as they are can't help.
 */
export function retryTransient<T>(policy: RetryPolicy = defaultRetryPolicy): MonoTypeOperatorFunction<T> {
  return retry<T>({
    count: policy.retries,
    resetOnSuccess: true,
    delay: (error: unknown, attempt) => {
      const upstreamError = toUpstreamError(error);
      if (!worthRepeating.has(upstreamError.kind)) {
        return throwError(() => upstreamError);
      }
      const exponential = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
      const jittered = exponential * (0.5 + policy.random() / 2);
      return timer(Math.max(upstreamError.retryAfterMs ?? 0, jittered));
    },
  });
}
