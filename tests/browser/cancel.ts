import { ok, strictEqual } from 'node:assert/strict';

import { minuteMs } from '../../src/core/domain/duration';
import { openIngress } from '../../stack/proxy/ingress';
import { type Circumstances } from './support/circumstances';
import { patienceMs } from './support/workbenchPage';

/** What is asked after the end would show within this time. */
const quietMs = 3_000;

/** Cancelling stops the requests, and leaves no figure that looks complete. */
export async function checkCancel({ on, range, workbench, stack, checks }: Circumstances): Promise<void> {
  const silent = await openIngress(stack.loki.url, { holdsAll: true });
  workbench.upstreams.loki = silent.url;
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
      await on.page.waitForTimeout(quietMs);
      strictEqual(workbench.log.requests.length, sent);
      const { rows } = await on.answer('nothing');
      strictEqual(rows, 0);
    });
  } finally {
    workbench.upstreams.loki = stack.loki.url;
    await silent.close();
  }
}

async function until(condition: () => boolean, state = () => String(condition)): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`still not so after ${patienceMs / minuteMs} minutes: ${state()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
