import { type RetryPolicy } from '../../src/core/upstream/retry';
import { type Host } from './host';

/**
 * Makes the waits before the plugin asks again a hundredth as long, where a test is not about how long they are. Each host has
 * a copy of the plugin of its own, so that other hosts keep theirs. Throws when the plugin was built without a policy.
 */
export function shortenWaits(host: Host, { quickMs }: Pick<RetryPolicy, 'quickMs'> = {}): void {
  const { retryPolicy } = host.DataSourceClass as unknown as { retryPolicy?: RetryPolicy };
  if (!retryPolicy) {
    throw new Error('the built plugin has no retry policy: rebuild it');
  }
  Object.assign(retryPolicy, { firstDelayMs: 2, longestDelayMs: 20, ...(quickMs !== undefined && { quickMs }) });
}
