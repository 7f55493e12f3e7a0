import { defaultRetryPolicy, type RetryPolicy } from '../../src/core/upstream/retry';

/** Asks again after waits that are a hundredth as long, where it is not the matter how long they are. */
export const shortWaits: RetryPolicy = { ...defaultRetryPolicy, firstDelayMs: 2, longestDelayMs: 20 };
