import { ok, strictEqual } from 'node:assert/strict';

import { openEngineProxy } from '../engines/support/engineProxy';
import { type Circumstances } from './support/circumstances';

/** Long enough that no answer is there before somebody can cancel. */
const latencyMs = 3_000;

/** Cancelling stops the requests, and leaves no figure that looks complete. */
export async function checkCancel({ on, range, workbench, stack, checks }: Circumstances): Promise<void> {
  const slow = await openEngineProxy(stack.loki.url, { latencyMs });
  workbench.upstreams.loki = slow.url;
  try {
    await checks.run('cancel ends the requests and leaves no figure', async () => {
      workbench.log.reset();
      await on.open({ page: 'query', range });
      await until(() =>
        workbench.log.requests.some(({ engine, outcome }) => engine === 'loki' && outcome === 'pending')
      );
      await on.page.getByTestId('data-testid RefreshPicker run button').filter({ hasText: 'Cancel' }).click();
      await until(
        () => workbench.log.inFlight === 0,
        () =>
          workbench.log.requests
            .filter(({ outcome }) => outcome === 'pending')
            .map(({ engine, path, startedAt }) => `${engine} ${path} since ${Date.now() - startedAt} ms`)
            .join(', ')
      );
      const outcomes = workbench.log.requests.map(({ outcome }) => outcome);
      ok(outcomes.includes('aborted'), `outcomes: ${outcomes.join()}`);
      const sent = outcomes.length;
      await on.page.waitForTimeout(2 * latencyMs);
      strictEqual(workbench.log.requests.length, sent);
      const { rows } = await on.answer('nothing');
      strictEqual(rows, 0);
    });
  } finally {
    workbench.upstreams.loki = stack.loki.url;
    await slow.close();
  }
}

async function until(condition: () => boolean, state = () => String(condition)): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`still not so after a minute: ${state()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
