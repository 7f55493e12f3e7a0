import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { build, type OnResolveResult, type Plugin } from 'esbuild';

import { repositoryRoot } from '../lib/repository';

/** Packages of which the page may hold only one copy: what is set on one must reach whoever asks for it. */
const single = /^(@grafana\/(data|runtime|ui|schema|i18n|e2e-selectors|scenes)|rxjs)(\/|$)/;

/**
 * Points imports and requires of these packages alike at what an import finds: modules, of which the bundle can leave out
 * what is not used, and put into files of their own what is loaded on demand (Monaco above all).
 *
 * A file that ends in .mjs would get no `default` of older packages, as in Node. Grafana is built from the sources of
 * these files, which do; hence they are loaded under another name.
 */
const oneCopy: Plugin = {
  name: 'one-copy',
  setup({ onResolve, onLoad, resolve }) {
    const find = async (path: string, resolveDir: string): Promise<OnResolveResult> => {
      const found = await resolve(path, { kind: 'import-statement', resolveDir, pluginData: oneCopy.name });
      const name = found.path.endsWith('.mjs') ? { path: `${found.path}.js`, namespace: oneCopy.name } : {};
      return { ...found, ...name };
    };
    onResolve({ filter: single }, ({ path, pluginData }) =>
      pluginData === oneCopy.name ? undefined : find(path, repositoryRoot)
    );
    onResolve({ filter: /^\.{1,2}\//, namespace: oneCopy.name }, ({ path, resolveDir, pluginData }) =>
      pluginData === oneCopy.name ? undefined : find(path, resolveDir)
    );
    onLoad({ filter: /./, namespace: oneCopy.name }, async ({ path }) => ({
      contents: await readFile(path.slice(0, -'.js'.length)),
      resolveDir: dirname(path),
      loader: 'js',
    }));
  },
};

/**
 * Bundles the page's script and style sheet, unless that was done for exactly these sources and packages. Takes about
 * ten seconds; gives the folder with main.js and main.css.
 */
export async function bundlePage(): Promise<string> {
  const outdir = join(repositoryRoot, '.tests', 'workbench', await digest());
  if (!existsSync(join(outdir, 'complete'))) {
    await build({
      entryPoints: [join(repositoryRoot, 'workbench/page/main.tsx')],
      outdir,
      bundle: true,
      format: 'esm',
      splitting: true,
      minify: true,
      target: 'es2022',
      jsx: 'transform',
      define: { 'process.env.NODE_ENV': '"production"', global: 'window' },
      loader: { '.svg': 'dataurl', '.woff': 'dataurl', '.woff2': 'dataurl', '.ttf': 'empty', '.png': 'dataurl' },
      plugins: [oneCopy],
      logLevel: 'error',
    });
    await writeFile(join(outdir, 'complete'), '');
  }
  return outdir;
}

async function digest(): Promise<string> {
  const hash = createHash('sha256');
  const folders = ['workbench/page', 'stack/host'];
  const names = await Promise.all(folders.map((folder) => readdir(join(repositoryRoot, folder), { recursive: true })));
  const sources = names.flatMap((list, index) => list.map((name) => join(folders[index] ?? '', name)));
  for (const file of [...sources, 'stack/workbench/bundle.ts', 'package-lock.json'].sort()) {
    if (/\.(tsx?|css|json)$/.test(file)) {
      hash.update(file).update(await readFile(join(repositoryRoot, file)));
    }
  }
  await mkdir(join(repositoryRoot, '.tests', 'workbench'), { recursive: true });
  return hash.digest('hex').slice(0, 16);
}
