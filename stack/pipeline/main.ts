// npm run deploy:generate: writes the dashboards of the plugin, and the files of deploy/ that are made from the code. With --check it
// changes nothing, and fails where one of them differs.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { UserError } from '../lib/errors';
import { runProgram } from '../lib/program';
import { repositoryRoot } from '../lib/repository';
import { generatedFiles } from './generated';

runProgram(async () => {
  const differing: string[] = [];
  for (const [path, text] of generatedFiles()) {
    const file = join(repositoryRoot, path);
    if ((await readFile(file, 'utf8').catch(() => '')) !== text) {
      differing.push(path);
      if (!process.argv.includes('--check')) {
        await mkdir(dirname(file), { recursive: true });
        await writeFile(file, text);
        console.log(`wrote ${path}`);
      }
    }
  }
  if (process.argv.includes('--check') && differing.length > 0) {
    throw new UserError(`not what the code makes: ${differing.join(', ')}. Run "npm run deploy:generate".`);
  }
});
