// An environment of Python packages of its own, for a tool that is only there in Python.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { repositoryRoot, run } from './setup.mjs';

/** The interpreter that makes environments. Throws with what is missing. */
function findPython() {
  for (const name of ['python3', 'python']) {
    try {
      execFileSync(name, ['-c', 'import sys, venv, ensurepip; assert sys.version_info >= (3, 9)'], { stdio: 'ignore' });
      return name;
    } catch {
      // Try the next one.
    }
  }
  throw new Error('Python 3.9 or newer is needed, with the modules venv and ensurepip (Debian: python3-venv)');
}

/** Installs the packages of a file into a folder, unless it holds exactly these, and gives the environment's interpreter. */
export async function ensureEnvironment(folder, requirementsFile) {
  const environment = join(repositoryRoot, folder);
  const requirements = join(repositoryRoot, requirementsFile);
  const stamp = join(environment, 'requirements.txt');
  const python = join(environment, process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python');
  const wanted = readFileSync(requirements, 'utf8');
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted) {
    await run(findPython(), ['-m', 'venv', '--clear', environment]);
    await run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--requirement',
      requirements,
    ]);
    writeFileSync(stamp, wanted);
  }
  return python;
}
