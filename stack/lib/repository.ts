import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the checkout. */
export const repositoryRoot = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Built engines; ignored by git, shared by every program of the checkout. */
export const enginesDirectory = join(repositoryRoot, '.engines');

/** What `npm run stack` and `npm run demo` keep between runs; ignored by git. */
export const dataDirectory = join(repositoryRoot, '.data');
