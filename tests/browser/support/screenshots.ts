import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { repositoryRoot } from '../../../stack/lib/repository';
import { grafana12 } from '../../../stack/workbench/packageSets';
import { type WorkbenchPage } from './workbenchPage';

/** Where pictures of a page are kept: under .tests/screenshots, those of Grafana 13 in a folder within. */
async function directoryOf({ packages }: WorkbenchPage): Promise<string> {
  const directory = join(repositoryRoot, '.tests', 'screenshots', packages === grafana12 ? '' : packages.name);
  await mkdir(directory, { recursive: true });
  return directory;
}

/** Keeps a picture of what the page shows now. */
export async function screenshot(on: WorkbenchPage, name: string): Promise<void> {
  await on.page.screenshot({ path: join(await directoryOf(on), `${name}.png`), animations: 'disabled' });
}

/** Width of the window, and of A4 in CSS pixels. */
const [windowWidth, paperWidth] = [1280, 794];

/** Keeps what a window of 1280 px looks like on A4, portrait, without margins, as a PDF. */
export async function printed(on: WorkbenchPage, name: string): Promise<void> {
  const path = join(await directoryOf(on), `${name}-print.pdf`);
  await on.page.pdf({ path, format: 'A4', scale: paperWidth / windowWidth, printBackground: true });
}
