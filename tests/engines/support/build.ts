import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { withLock } from '../../../stack/lib/lock';
import { repositoryRoot } from '../../../stack/lib/repository';

/** Builds dist/ unless it is up to date. Suites that run side by side build once. Rejects with the build's output. */
export async function ensureBuild(): Promise<void> {
  await withLock(join(repositoryRoot, '.tests', 'dist'), async () => {
    // In a process of its own, because the script is an ES module, which Jest can't load as it is.
    const script = `import { ensureBuild } from './scripts/setup.mjs'; await ensureBuild();`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: repositoryRoot });
  });
}
