import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';

import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { expectedByCountry, expectedByService, expectedByUser, expectedSummary } from '../../stack/traffic';
import { violations } from './support/axe';
import { type Circumstances } from './support/circumstances';
import { marksOf, marksTable } from './support/marks';
import { screenshot } from './support/screenshots';
import { type Theme } from './support/workbenchPage';

const whole = new Intl.NumberFormat('en-US');

/** The shipped dashboard: every panel drawn, and the figures those of the truth. */
export async function checkDashboard(circumstances: Circumstances): Promise<void> {
  const { on, workbench, stack, range, checks } = circumstances;
  const { truth } = stack;
  const summary = expectedSummary(truth, range);
  const panels = panelQueries(readShippedDashboard()).length;
  await on.page.setViewportSize({ width: 1280, height: 900 });
  workbench.log.reset();

  await checks.run('every panel is drawn and none has an error', async () => {
    const started = performance.now();
    await on.open({ page: 'dashboard', range });
    await on.dashboardDrawn();
    console.log(`   opened and complete after ${seconds(started)}; ${workbench.log.requests.length} requests upstream`);
    await on.wholeDashboard(panels);
    strictEqual(await on.page.getByTestId(/Panel status error/).count(), 0);
    strictEqual(await on.page.getByText('No data', { exact: true }).count(), 0);
    // A browser's console shows in red what is answered like that.
    const refused = workbench.log.requests.filter(({ status = 200 }) => status >= 400);
    deepStrictEqual(
      refused.map(({ path, status }) => `${path}: ${status}`),
      []
    );
  });

  await checks.run('incomplete countries mark the panels that show countries, and no figure of another', async () => {
    const titles = panelQueries(readShippedDashboard()).map(({ panel }) => panel);
    console.log(`   ${marksTable(await marksOf(on, titles))}`);
    const marked: string[] = [];
    for (const { panel } of panelQueries(readShippedDashboard())) {
      const mark = on.panel(panel).getByRole('img', { name: /^warning: .*country attribution/ });
      marked.push(...((await mark.count()) > 0 ? [panel] : []));
    }
    deepStrictEqual(marked, [
      'Countries',
      'Completeness',
      'Countries by user',
      'Where requests come from',
      'Requests by country',
      'Countries by service',
      // These two speak of all sources.
      'Sources',
      'Reconciliation',
    ]);
  });

  await checks.run('a refresh is complete again', async () => {
    workbench.log.reset();
    const started = performance.now();
    await on.refresh();
    console.log(`   refreshed after ${seconds(started)}; ${workbench.log.requests.length} requests upstream`);
  });

  await checks.run('the figures on top are those of the truth', async () => {
    deepStrictEqual(await on.figures('Requests'), {
      Total: whole.format(summary.requests_count_total),
      Sync: whole.format(summary.requests_count_sync),
      Async: whole.format(summary.requests_count_async),
      Exposed: whole.format(summary.requests_count_exposed),
    });
    deepStrictEqual(await on.figures('Services'), {
      'Active now': String(summary.services_count_active),
      Seen: String(summary.services_count_total),
    });
    strictEqual((await on.figures('Users'))[''], whole.format(summary.users_count));
    strictEqual((await on.figures('Countries'))[''], String(summary.countries_count));
  });

  await checks.run('the hours on top are near the consumption', async () => {
    const { CPU = '', GPU = '' } = await on.figures('CPU and GPU hours');
    near(CPU, summary.cpu_hours_total ?? 0);
    near(GPU, summary.gpu_hours_total ?? 0);
  });

  await checks.run('the tables show the truth, row by row', async () => {
    const services = expectedByService(truth, range);
    for (const [index, row] of (await on.rows('Usage by service')).entries()) {
      const { key, requests_count_total: total = 0, unique_users_count: users = 0 } = services[index] ?? {};
      deepStrictEqual([row.Service, row.Requests, row.Users], [key, whole.format(total), whole.format(users)]);
    }
    const byUser = expectedByUser(truth, range);
    for (const [index, row] of (await on.rows('Usage by user')).entries()) {
      const { key, executions_count: count = 0 } = byUser[index] ?? {};
      deepStrictEqual([row.User, row.Requests], [key, whole.format(count)]);
    }
    const countries = expectedByCountry(truth, range);
    for (const [index, row] of (await on.rows('Requests by country')).entries()) {
      const { key, executions_count: count = 0 } = countries[index] ?? {};
      deepStrictEqual([row.Code, row.Requests], [key, whole.format(count)]);
    }
  });

  await checks.run('all columns of the tables are in view at 1280 px', async () => {
    const cut = await on.page.evaluate(() =>
      [...document.querySelectorAll('[role="table"]')]
        .filter((table) =>
          [...table.querySelectorAll('*')].some(
            (part) => part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX.match(/auto|scroll/)
          )
        )
        .map((table) => table.getAttribute('aria-label'))
    );
    deepStrictEqual(cut, []);
  });

  await checks.run('times are those of the zone of the dashboard, as people write them', async () => {
    const [row = {}] = await on.rows('Services deployed and seen');
    match(row['First use'] ?? '', /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
  });

  await checks.run('a service chosen in the variable narrows the figures', async () => {
    const [busiest] = expectedByService(truth, range);
    const name = busiest?.key ?? '';
    const picker = on.page.getByRole('combobox').nth(1);
    await picker.click();
    // The list draws only what fits.
    await on.type(name);
    await on.page.getByRole('option', { name }).first().click();
    // Grafana takes the choice when the field is left.
    await on.page.keyboard.press('Tab');
    const total = whole.format(busiest?.requests_count_total ?? 0);
    await on.panel('Requests').getByText(total, { exact: true }).first().waitFor();
    strictEqual((await on.figures('Requests')).Total, total);
  });

  for (const theme of ['dark', 'light'] as const) {
    await checkLook(circumstances, theme, panels);
  }
  await on.page.setViewportSize({ width: 1280, height: 900 });
}

const sizes = { desktop: 1280, phone: 390 };

/** Width and accessibility in one theme, from one loading of the dashboard; leaves pictures for people to look at. */
async function checkLook({ on, range, checks }: Circumstances, theme: Theme, panels: number): Promise<void> {
  await on.open({ page: 'dashboard', theme, range });
  for (const [name, width] of Object.entries(sizes)) {
    await checks.run(`the dashboard fits ${name}, ${theme}`, async () => {
      await on.page.setViewportSize({ width, height: 900 });
      await on.dashboardDrawn();
      const overflow = await on.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      ok(overflow <= 0, `the page is ${overflow} px too wide`);
      await screenshot(on, `dashboard-${name}-${theme}`);
      await on.wholeDashboard(panels);
      await on.page.waitForTimeout(1_000);
      await screenshot(on, `dashboard-${name}-${theme}-whole`);
    });
  }
  await checks.run(`axe finds nothing on the dashboard, ${theme}`, async () => {
    await on.page.setViewportSize({ width: 1280, height: 900 });
    await on.wholeDashboard(panels);
    deepStrictEqual(await violations(on), []);
  });
}

/** Hours come from samples two minutes apart, and jobs may be shorter than that. */
function near(shown: string, truth: number): void {
  const value = Number(shown.replace(/[^\d.]/g, ''));
  ok(Math.abs(value - truth) <= 0.15 * truth, `${shown} is not near ${truth}`);
}

function seconds(started: number): string {
  return `${((performance.now() - started) / 1000).toFixed(2)} s`;
}
