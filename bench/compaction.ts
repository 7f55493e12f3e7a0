import { setTimeout as sleep } from 'node:timers/promises';

import { minuteMs } from '../src/core/domain/duration';

const deadlineMs = 30 * minuteMs;
const finished = /^loki_boltdb_shipper_compact_tables_operation_total\{status="success"\} ([1-9]\d*)$/m;

/**
 * Waits until a Loki that was just started has compacted its index once. Until then that takes most of a processor, for half
 * a minute after lines were written. Throws after ten minutes.
 */
export async function awaitCompaction(lokiUrl: string): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (Date.now() < deadline) {
    const response = await fetch(`${lokiUrl}/metrics`);
    if (finished.test(await response.text())) {
      return;
    }
    await sleep(500);
  }
  throw new Error(`Loki at ${lokiUrl} did not finish compacting its index within ${deadlineMs / minuteMs} min`);
}
