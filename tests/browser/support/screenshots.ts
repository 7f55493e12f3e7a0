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

/** Width of the window, and of A4 in CSS pixels. */
const [windowWidth, paperWidth] = [1280, 794];

/** Keeps what a window of 1280 px looks like on A4, portrait, without margins, as a PDF under .tests/screenshots. */
export async function printed(page: Page, name: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}-print.pdf`);
  await page.pdf({ path, format: 'A4', scale: paperWidth / windowWidth, printBackground: true });
}
