import { deepStrictEqual } from 'node:assert/strict';

import { selectors } from '../../src/grafana/editors/selectors';
import { violations } from './support/axe';
import { type Circumstances } from './support/circumstances';

/** Both editors with everything unfolded, in both themes; the dashboard is looked at where it is drawn anyway. */
export async function checkAccessibility({ on, range, checks }: Circumstances): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await checks.run(`axe finds nothing on the config editor, ${theme}`, async () => {
      await on.open({ page: 'config', theme });
      for (const name of Object.values(selectors.configEditor.sections)) {
        await on.page.getByRole('button', { name, exact: true }).click();
      }
      deepStrictEqual(await violations(on), []);
    });

    await checks.run(`axe finds nothing on the query editor, ${theme}`, async () => {
      await on.open({ page: 'query', theme, range });
      await on.answer('summary');
      await on.page.getByRole('button', { name: selectors.queryEditor.advanced.label, exact: true }).click();
      deepStrictEqual(await violations(on), []);
    });
  }
}
