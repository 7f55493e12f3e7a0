import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { type Page } from 'playwright-core';

import { repositoryRoot } from '../../../stack/lib/repository';

const directory = join(repositoryRoot, '.tests', 'screenshots');

/** Keeps a picture of what the page shows now, under .tests/screenshots. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await page.screenshot({ path: join(directory, `${name}.png`), animations: 'disabled' });
}
