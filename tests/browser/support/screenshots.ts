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

/** Keeps what a page of 1280 px looks like on A4, landscape, at the scale that it needs, as a PDF under .tests/screenshots. */
export async function printed(page: Page, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const margin = { top: '1cm', bottom: '1cm', left: '1cm', right: '1cm' };
  const path = join(directory, `${name}-print.pdf`);
  await page.pdf({ path, format: 'A4', landscape: true, scale: 0.8, margin, printBackground: true });
}
