import { deepStrictEqual } from 'node:assert/strict';
import { createRequire } from 'node:module';

import { type AxeResults } from 'axe-core';

import { type Circumstances } from './support/circumstances';
import { type Place } from './support/workbenchPage';

const axeScript = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const pages = ['config', 'query', 'dashboard'] satisfies Array<Place['page']>;

/** WCAG 2.1 A and AA by axe, on every page in both themes. */
export async function checkAccessibility({ on, range, checks }: Circumstances): Promise<void> {
  for (const page of pages) {
    for (const theme of ['dark', 'light'] as const) {
      await checks.run(`axe finds nothing on ${page}, ${theme}`, async () => {
        await on.open({ page, theme, range });
        await (page === 'query'
          ? on.answer('summary')
          : page === 'dashboard'
            ? on.dashboardDrawn()
            : on.page.waitForTimeout(500));
        deepStrictEqual(await violations(on), []);
      });
    }
  }
}

async function violations({ page }: Circumstances['on']): Promise<string[]> {
  await page.addScriptTag({ path: axeScript });
  const results = await page.evaluate(async (): Promise<AxeResults> => {
    const { axe } = window as unknown as { axe: typeof import('axe-core') };
    return axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
  });
  return results.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html }) => `${id}: ${target.join(' ')} ${html.slice(0, 200)}`)
  );
}
