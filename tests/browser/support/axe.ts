import { createRequire } from 'node:module';

import { type AxeResults } from 'axe-core';

import { type WorkbenchPage } from './workbenchPage';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** Parts of the page that Grafana's own packages draw and that axe objects to; nothing of the plugin is in them. */
const drawnByGrafana = [
  '[data-testid="data-testid TimePicker Open Button"]',
  // Heading of a row of a dashboard.
  '[aria-label="Collapse row"]',
  // Filter of a column of a table.
  '[role="columnheader"] > button[type="button"]',
];

/** What axe objects to of single elements that Grafana draws: rule, and what the element looks like. */
const ofGrafana: ReadonlyArray<readonly [rule: string, element: RegExp]> = [
  // The input within the drop-down of a variable; the label beside it is Grafana's too.
  ['label', /^<input [^>]*id="react-select-/],
  // The body of a table that has more rows than fit.
  ['scrollable-region-focusable', /^<div class="scrollbar-view"/],
  // Heading of a row of a dashboard in Grafana 13, which does not say its level.
  ['aria-required-attr', /^<span class="[^"]*" role="heading">/],
  // Name of a series in the legend of Grafana 13.
  ['label-content-name-mismatch', /^<button type="button" aria-label="All series selected"/],
];

/** What axe finds on the page against WCAG 2.1 A and AA: rule, place and the start of the element, one text for each. */
export async function violations({ page }: WorkbenchPage): Promise<string[]> {
  await page.addScriptTag({ path: axeScript });
  const results = await page.evaluate(async (exclude): Promise<AxeResults> => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return axe.run({ exclude }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
  }, drawnByGrafana);
  return results.violations.flatMap(({ id, nodes }) =>
    nodes
      .filter(({ html }) => !ofGrafana.some(([rule, element]) => rule === id && element.test(html)))
      .map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 200)}`)
  );
}
