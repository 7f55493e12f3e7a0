import { Ledgers } from '../core/requests/ledgers';
import { StatedLimits } from '../core/upstream/statedLimits';

/** Ledgers as a data source has them, with an hour for lines to settle; ample memory unless told otherwise. */
export function ledgersAt(now: () => number, cacheBytes = 1e8): Ledgers {
  return new Ledgers({ settleDelayMs: 3_600_000, cacheBytes, now, statedLimits: new StatedLimits() });
}
