// npm run docs: builds docs/ into site/, strictly: a broken link or a page that nothing leads to is an error. The tool
// goes into an environment of its own, .docs-env/. `--serve` shows the pages while they are written.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { repositoryRoot, run } from './setup.mjs';

const environment = join(repositoryRoot, '.docs-env');
const requirements = join(repositoryRoot, 'docs', 'requirements.txt');
const stamp = join(environment, 'requirements.txt');
const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');

/** The interpreter that makes the environment. Throws with what is missing. */
function findPython() {
  for (const name of ['python3', 'python']) {
    try {
      execFileSync(name, ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 9)'], { stdio: 'ignore' });
      return name;
    } catch {
      // Try the next one.
    }
  }
  throw new Error('the docs need Python 3.9 or newer with the modules venv and ensurepip (Debian: python3-venv)');
}

/** Installs docs/requirements.txt, unless .docs-env/ holds exactly that. */
async function ensureEnvironment() {
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) {
    return;
  }
  await run(findPython(), ['-m', 'venv', '--clear', environment]);
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
  writeFileSync(stamp, wanted);
}

/** Builds the pages. Rejects when one of them has a problem, or when Python is missing. */
async function buildDocs({ serve = false } = {}) {
  await ensureEnvironment();
  const env = { ...process.env, NO_MKDOCS_2_WARNING: '1' };
  await run(python, ['-m', 'mkdocs', serve ? 'serve' : 'build', '--strict'], { env });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  buildDocs({ serve: process.argv.includes('--serve') }).catch((error) => {
    console.error(`error: ${error.message}`);
    process.exitCode = 1;
  });
}
