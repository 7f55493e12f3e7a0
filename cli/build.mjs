// Makes cli/dist/oscar-usage.cjs: the command line in one file, without packages beside it.
import { chmodSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const folder = dirname(fileURLToPath(import.meta.url));

/** Path of the built file, from the root of the repository. */
export const builtFile = 'cli/dist/oscar-usage.cjs';

/** Bundles for Node 20, and gives the names of the files that went in, from the root of the repository. */
export async function buildCommandLine() {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const outfile = resolve(folder, '..', builtFile);
  const { metafile } = await build({
    absWorkingDir: resolve(folder, '..'),
    entryPoints: ['cli/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    banner: { js: '#!/usr/bin/env node' },
    define: { OSCAR_USAGE_VERSION: JSON.stringify(version), 'process.env.NODE_ENV': '"production"' },
    legalComments: 'inline',
    metafile: true,
    logLevel: 'warning',
  });
  chmodSync(outfile, 0o755);
  return Object.keys(metafile.inputs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildCommandLine();
}
