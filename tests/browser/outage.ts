import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';

import { panelQueries, readShippedDashboard } from '../../stack/lib/shippedDashboard';
import { type Circumstances } from './support/circumstances';
import { screenshot } from './support/screenshots';

/** Loki has been stopped: what needs it says so, and what does not is still there. */
export async function checkOutage({ on, range, checks }: Circumstances): Promise<void> {
  const panels = panelQueries(readShippedDashboard()).length;
  await on.page.setViewportSize({ width: 1280, height: 900 });

  await checks.run('the dashboard without Loki says what is missing', async () => {
    await on.open({ page: 'dashboard', range });
    await on.wholeDashboard(panels);
    // Loki is all that this panel asks, so that its query is an error (contract, "Completeness").
    deepStrictEqual(Object.values(await on.figures('Requests')), ['unknown']);
    await on.panel('Requests').getByTestId('data-testid Panel status error').waitFor();
    await on.panel('Completeness').getByText('missing', { exact: true }).first().waitFor();
    await on
      .panel('Completeness')
      .getByRole('img', { name: /^warning: .*request logs.* missing/i })
      .waitFor();
    const sources = await on.rows('Sources');
    strictEqual(sources.find(({ Source }) => Source === 'Request logs')?.Status, 'missing');
    strictEqual(sources.find(({ Source }) => Source === 'CPU hours')?.Status, 'ok');
    await screenshot(on, 'dashboard-without-loki');
  });

  await checks.run('the gap is shaded', async () => {
    const canvas = on.panel('CPU hours over time by service').locator('canvas').first();
    // Above the bars, and off the centre, where there may be a line of the grid.
    const alpha = await canvas.evaluate((element: HTMLCanvasElement) => {
      const { width, height } = element;
      return element.getContext('2d')?.getImageData(Math.round(width * 0.497), Math.round(height * 0.05), 1, 1).data[3];
    });
    ok(alpha !== undefined && alpha > 0, 'nothing is drawn where the gap is');
  });

  await checks.run('CPU hours are still there', async () => {
    const { CPU = '' } = await on.figures('CPU and GPU hours');
    ok(Number(CPU.replace(/[^\d.]/g, '')) > 0, `CPU is ${CPU}`);
    await on.panel('CPU hours over time by service').locator('canvas').first().waitFor();
  });

  await checks.run('a query without Loki shows its notice and null, not 0', async () => {
    await on.open({ page: 'query', range });
    await on.answer('summary');
    await on.page
      .getByRole('alert')
      .filter({ hasText: /request logs.* missing/i })
      .first()
      .waitFor();
    const [row] = await on.rows('Result');
    strictEqual(row?.requests_count_total, '');
    strictEqual(row?.completeness, 'missing');
    await screenshot(on, 'query-without-loki');
  });
}
