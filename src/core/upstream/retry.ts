import { type MonoTypeOperatorFunction, retry, throwError, timer } from 'rxjs';

import { meaningOf, toUpstreamError, type UpstreamError } from './errors';

export interface RetryPolicy {
  /** How often a request is sent again at most. */
  retries: number;
  /** Wait before the first repetition, in ms; doubled each time, with jitter between half and the whole of it. */
  firstDelayMs: number;
  longestDelayMs: number;
  /** A connection that is lost sooner than this was not lost for the length of the query. Absent: 0. */
  quickMs?: number;
  random: () => number;
}

/** The one that every client uses; a test of failing engines shortens its waits. */
export const defaultRetryPolicy: RetryPolicy = {
  retries: 5,
  firstDelayMs: 250,
  longestDelayMs: 8000,
  quickMs: 1000,
  random: Math.random,
};

/** For a check: somebody waits for its result, and it should report an upstream that fails right now. */
export const once: RetryPolicy = { retries: 1, firstDelayMs: 200, longestDelayMs: 200, random: Math.random };

function isWorthRepeating(error: UpstreamError, attempt: number, quickMs: number): boolean {
  const { retry: how } = meaningOf(error);
  if (how === 'always') {
    return true;
  }
  const { tookMs = Infinity } = error;
  return attempt <= 2 && (how === 'twice' || (how === 'twice-if-quick' && tookMs < quickMs));
}

/**
 * Sends a request again after a rate limit, a server error, a body that was cut off or a connection that was lost at
 * once, waiting exponentially longer each time: Grafana does not pass `Retry-After` on. All other errors pass at once:
 * repeating them as they are can't help.
 */
export function retryTransient<T>(policy: RetryPolicy = defaultRetryPolicy): MonoTypeOperatorFunction<T> {
  return retry<T>({
    count: policy.retries,
    resetOnSuccess: true,
    delay: (error: unknown, attempt) => {
      const upstreamError = toUpstreamError(error);
      if (!isWorthRepeating(upstreamError, attempt, policy.quickMs ?? 0)) {
        return throwError(() => upstreamError);
      }
      const exponential = Math.min(policy.longestDelayMs, policy.firstDelayMs * 2 ** (attempt - 1));
      const jittered = exponential * (0.5 + policy.random() / 2);
      return timer(jittered);
    },
  });
}
