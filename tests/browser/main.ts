// npm run test:browser: the built plugin on the workbench page, once with the packages of Grafana 12 and React 18 and once with those of
// Grafana 13 and React 19, in a real browser, on a real Loki and Prometheus. `-- grafana13 dashboard` runs some of it. Ends with
// "N passed, N failed". Pictures are left under .tests/screenshots.
import { join } from 'node:path';

import { type Browser, chromium } from 'playwright-core';

import { dayMs } from '../../src/core/domain/duration';
import { stopEngines } from '../../stack/engines';
import { UserError } from '../../stack/lib/errors';
import { runProgram } from '../../stack/lib/program';
import { repositoryRoot } from '../../stack/lib/repository';
import { type OpenStack } from '../../stack/openStack';
import { grafana12, grafana13, installGrafana13, type PackageSet } from '../../stack/workbench/packageSets';
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

/** In this order; without the configuration no other stage has a data source. */
const stages = {
  configuration: checkConfiguration,
  queries: checkQueries,
  csv: checkCsv,
  cancel: checkCancel,
  dashboard: checkDashboard,
  boards: checkBoards,
  accessibility: checkAccessibility,
};

let browser: Browser | undefined;

async function main(): Promise<void> {
  const isStage = chosenAmong([...Object.keys(stages), 'outage']);
  const isSet = chosenAmong([grafana12.name, grafana13.name]);
  const sets = [grafana12, grafana13].filter(({ name }) => isSet(name));
  const executablePath = findChromium();
  if (isSet(grafana13.name)) {
    installGrafana13();
  }
  const stack = await openTraffic(join(repositoryRoot, '.tests', 'browser-data'), traffic);
  const launched = (browser = await chromium.launch({ executablePath, args: chromiumFlags }));
  const opened = await Promise.all(sets.map((packages) => openPage(packages, launched, stack)));
  // Side by side: each waits for much of its time.
  await Promise.all(
    opened.map(async (circumstances) => {
      for (const [name, stage] of Object.entries(stages)) {
        if (isStage(name) || name === 'configuration') {
          await stage(circumstances);
        }
      }
    })
  );
  if (isStage('outage')) {
    // Last, because Loki does not come back.
    await stack.loki.kill();
    await Promise.all(opened.map(checkOutage));
  }
  for (const { on, workbench, checks } of opened) {
    await checks.run('no page had an error that nobody caught', async () => {
      if (on.problems.length > 0) {
        throw new Error(on.problems.join('\n'));
      }
    });
    await workbench.close();
  }
  const sum = (outcome: 'passed' | 'failed') => opened.reduce((all, { checks }) => all + checks[outcome], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  if (sum('failed') > 0) {
    throw new UserError('some checks of the browser failed');
  }
}

/** Whether a name is wanted: all of them are where the command line names none. */
function chosenAmong(names: readonly string[]): (name: string) => boolean {
  const chosen = process.argv.slice(2).filter((argument) => names.includes(argument));
  return (name) => chosen.length === 0 || chosen.includes(name);
}

/** A page of these packages, with a server and a data source of its own. */
async function openPage(packages: PackageSet, launched: Browser, stack: OpenStack): Promise<Circumstances> {
  const workbench = await startWorkbench({
    lokiUrl: stack.loki.url,
    prometheusUrl: stack.prometheus.url,
    jsonData: {},
    preferredPort: 0,
    packages,
  });
  const context = await launched.newContext({ viewport: { width: 1280, height: 900 }, acceptDownloads: true });
  const on = new WorkbenchPage(await context.newPage(), workbench.url, packages);
  const range = { from: traffic.end - 30 * dayMs, to: traffic.end };
  return { on, workbench, stack, range, checks: createChecks(on) };
}

runProgram(main, async () => {
  await browser?.close();
  await stopEngines();
});
