import { match, strictEqual } from 'node:assert/strict';

import { selectors } from '../../src/grafana/editors/selectors';
import { type Circumstances } from './support/circumstances';
import { screenshot } from './support/screenshots';

const { prometheus, loki } = selectors.configEditor;

/** From a data source without any option to one that works, without a pointer. */
export async function checkConfiguration({ on, workbench, checks }: Circumstances): Promise<void> {
  const { page, packages } = on;
  await checks.run(`the page is drawn by React ${packages.reactVersion}`, async () => {
    await on.open({ page: 'config' });
    strictEqual(await page.evaluate(() => document.body.dataset.react), packages.reactVersion);
  });

  await checks.run('an unconfigured data source says what is missing', async () => {
    await on.open({ page: 'query' });
    const { state } = await on.answer('nothing');
    strictEqual(state, 'Error');
    await page
      .getByRole('alert')
      .filter({ hasText: /Prometheus|Loki/ })
      .first()
      .waitFor();
  });

  await checks.run('it is configured by keyboard alone', async () => {
    await on.open({ page: 'config' });
    for (const { inputId } of [prometheus, loki]) {
      await on.tabTo(page.locator(`#${inputId}`));
      await page.keyboard.press('ArrowDown');
      await page.getByRole('option').first().waitFor();
      await page.keyboard.press('Enter');
    }
    await on.tabTo(page.getByRole('button', { name: 'Save & test' }));
    await page.keyboard.press('Enter');
    const health = page.getByTestId('workbench-health');
    await health.filter({ hasText: 'Loki: reachable' }).waitFor();
    const words = (await health.textContent()) ?? '';
    match(words, /ok +Prometheus: reachable, version 3/);
    match(words, /ok +Loki: reachable, version 3/);
    // The data of the tests are older than that.
    match(words, /error +Loki: no stream matches .* in the last 30 days; set the option requestSelector/);
    strictEqual(workbench.jsonData.prometheusUid, 'prometheus');
    strictEqual(workbench.jsonData.lokiUid, 'loki');
  });

  await checks.run('only the options that were set are stored', async () => {
    const set = Object.entries(workbench.jsonData).filter(([, value]) => value !== undefined);
    strictEqual(
      set
        .map(([key]) => key)
        .sort()
        .join(),
      'lokiUid,prometheusUid'
    );
  });

  await checks.run('every section of the options opens by keyboard and shows its defaults', async () => {
    for (const name of Object.values(selectors.configEditor.sections)) {
      const section = page.getByRole('button', { name, exact: true });
      await section.focus();
      await page.keyboard.press('Enter');
    }
    const selector = page.getByLabel(selectors.configEditor.requestSelector.label, { exact: true });
    strictEqual(await selector.getAttribute('placeholder'), '{namespace="oscar", app="oscar"}');
    await page.evaluate(() => window.scrollTo(0, 0));
    await screenshot(on, 'config-dark');
  });
}
