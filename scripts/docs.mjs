// npm run docs: builds docs/ into site/, strictly: a broken link or a page that nothing leads to is an error. The tool
// goes into an environment of its own, .docs-env/. `--serve` shows the pages while they are written.
import { pathToFileURL } from 'node:url';

import { ensureEnvironment } from './python.mjs';
import { run } from './setup.mjs';

/** Builds the pages. Rejects when one of them has a problem, or when Python is missing. */
async function buildDocs({ serve = false } = {}) {
  const python = await ensureEnvironment('.docs-env', 'docs/requirements.txt');
  const env = { ...process.env, NO_MKDOCS_2_WARNING: '1' };
  await run(python, ['-m', 'mkdocs', serve ? 'serve' : 'build', '--strict'], { env });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildDocs({ serve: process.argv.includes('--serve') }).catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  });
}
