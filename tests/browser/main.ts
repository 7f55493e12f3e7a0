// npm run test:browser: the built plugin on the workbench page, in a real browser, on a real Loki and Prometheus. Ends with
// "N passed, N failed". Pictures are left under .tests/screenshots.
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

import { dayMs } from '../../src/core/domain/duration';
import { stopEngines } from '../../stack/engines';
import { UserError } from '../../stack/lib/errors';
import { runProgram } from '../../stack/lib/program';
import { repositoryRoot } from '../../stack/lib/repository';
import { startWorkbench } from '../../stack/workbench/server';
import { fixedTraffic, openTraffic } from '../engines/support/traffic';
import { checkAccessibility } from './accessibility';
import { checkBoards } from './boards';
import { checkCancel } from './cancel';
import { checkConfiguration } from './configuration';
import { checkCsv } from './csv';
import { checkDashboard } from './dashboard';
import { checkOutage } from './outage';
import { checkQueries } from './queries';
import { createChecks } from './support/checks';
import { chromiumFlags, findChromium } from './support/chromium';
import { type Circumstances } from './support/circumstances';
import { WorkbenchPage } from './support/workbenchPage';

const traffic = { ...fixedTraffic, lines: 12_000 };

let browser: Browser | undefined;

async function main(): Promise<void> {
  const executablePath = findChromium();
  const stack = await openTraffic(join(repositoryRoot, '.tests', 'browser-data'), traffic);
  const workbench = await startWorkbench({
    lokiUrl: stack.loki.url,
    prometheusUrl: stack.prometheus.url,
    jsonData: {},
    preferredPort: 0,
  });
  browser = await chromium.launch({ executablePath, args: chromiumFlags });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const on = new WorkbenchPage(await context.newPage(), workbench.url);
  const checks = createChecks(() => on.page);
  const range = { from: traffic.end - 30 * dayMs, to: traffic.end };
  const circumstances: Circumstances = { on, workbench, stack, range, checks };
  const stages = {
    configuration: checkConfiguration,
    queries: checkQueries,
    csv: checkCsv,
    cancel: checkCancel,
    dashboard: checkDashboard,
    boards: checkBoards,
    accessibility: checkAccessibility,
    // Last, because Loki does not come back.
    outage: checkOutage,
  };
  const only = process.argv.slice(2);
  for (const [name, stage] of Object.entries(stages)) {
    // Without the configuration no other stage has a data source.
    if (only.length === 0 || only.includes(name) || name === 'configuration') {
      console.log(`── ${name}`);
      await stage(circumstances);
    }
  }
  await checks.run('no page had an error that nobody caught', async () => {
    if (on.problems.length > 0) {
      throw new Error(on.problems.join('\n'));
    }
  });
  await workbench.close();
  console.log(`${checks.passed} passed, ${checks.failed} failed`);
  if (checks.failed > 0) {
    throw new UserError('some checks of the browser failed');
  }
}

runProgram(main, async () => {
  await browser?.close();
  await stopEngines();
});
