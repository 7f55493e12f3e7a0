import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { repositoryRoot } from '../../../stack/lib/repository';
import { grafana12 } from '../../../stack/workbench/packageSets';
import { type WorkbenchPage } from './workbenchPage';

/** Keeps a picture of what the page shows now, under .tests/screenshots; those of Grafana 13 in a folder within. */
export async function screenshot({ page, packages }: WorkbenchPage, name: string): Promise<void> {
  const directory = join(repositoryRoot, '.tests', 'screenshots', packages === grafana12 ? '' : packages.name);
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), animations: 'disabled' });
}
