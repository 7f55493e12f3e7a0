import { readFile } from 'node:fs/promises';

import { type WorkbenchPage } from './workbenchPage';

/** Lines of what the item of a panel's menu downloads. */
export async function csvOfPanel(on: WorkbenchPage, panel: string, item: string): Promise<string[]> {
  // Grafana shows the menu of a panel while the pointer is over it.
  await on.panel(panel).hover();
  await on.page.getByTestId(`data-testid Panel menu ${panel}`).click();
  const [download] = await Promise.all([
    on.page.waitForEvent('download'),
    on.page.getByRole('menuitem', { name: item, exact: true }).click(),
  ]);
  return (await readFile(await download.path(), 'utf8')).trim().split(/\r?\n/);
}
