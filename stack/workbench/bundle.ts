import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

import { build, type OnResolveResult, type Plugin } from 'esbuild';

import { repositoryRoot } from '../lib/repository';
import { type PackageSet } from './packageSets';

/** Packages of which the page may hold only one copy: what is set on one must reach whoever asks for it. */
const single = /^(@grafana\/(data|runtime|ui|schema|i18n|e2e-selectors|scenes)|rxjs)(\/|$)/;

/** Of files that are loaded under another name. */
const namespace = 'one-copy';

/**
 * Points imports and requires of these packages alike at what an import finds: modules, of which the bundle can leave out
 * what is not used, and put into files of their own what is loaded on demand (Monaco above all).
 *
 * A file that ends in .mjs would get no `default` of older packages, as in Node. Grafana is built from the sources of
 * these files, which do; hence they are loaded under another name.
 *
 * What the page's own files import is of the set, too.
 */
function oneCopy(set: PackageSet): Plugin {
  const isFound = Symbol('found by this plugin');
  return {
    name: namespace,
    setup({ onResolve, onLoad, resolve: resolveWith }) {
      const find = async (path: string, resolveDir: string): Promise<OnResolveResult> => {
        const found = await resolveWith(path, { kind: 'import-statement', resolveDir, pluginData: isFound });
        const name = found.path.endsWith('.mjs') ? { path: `${found.path}.js`, namespace } : {};
        return { ...found, ...name };
      };
      onResolve({ filter: single }, ({ path, pluginData }) =>
        pluginData === isFound ? undefined : find(path, set.directory)
      );
      onResolve({ filter: /^\.{1,2}\//, namespace }, ({ path, resolveDir, pluginData }) =>
        pluginData === isFound ? undefined : find(path, resolveDir)
      );
      onResolve({ filter: /^[^./]/ }, ({ path, importer, kind, pluginData }) =>
        pluginData === isFound || importer === '' || importer.includes(`${sep}node_modules${sep}`)
          ? undefined
          : resolveWith(path, { kind, resolveDir: set.directory, pluginData: isFound })
      );
      onLoad({ filter: /./, namespace }, async ({ path }) => ({
        contents: await readFile(path.slice(0, -'.js'.length)),
        resolveDir: dirname(path),
        loader: 'js',
      }));
    },
  };
}

/**
 * Bundles the page's script and style sheet with the packages of a set, unless that was done for exactly these sources and
 * packages. Takes about ten seconds; gives the folder with main.js and main.css.
 */
export async function bundlePage(set: PackageSet): Promise<string> {
  const outdir = join(repositoryRoot, '.tests', 'workbench', await digest(set));
  if (!existsSync(join(outdir, 'complete'))) {
    const { metafile } = await build({
      absWorkingDir: repositoryRoot,
      metafile: true,
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
      plugins: [oneCopy(set)],
      logLevel: 'error',
    });
    assertFromSet(Object.keys(metafile.inputs), set);
    await writeFile(join(outdir, 'complete'), '');
  }
  return outdir;
}

/** Throws for a package of another set, which the way of looking in every folder above would take without a word. */
function assertFromSet(inputs: readonly string[], { name, directory }: PackageSet): void {
  const own = join(directory, 'node_modules', sep);
  const strange = inputs
    .map((input) => resolve(repositoryRoot, input.slice(input.startsWith(namespace) ? namespace.length + 1 : 0)))
    .filter((path) => path.includes(`${sep}node_modules${sep}`) && !path.startsWith(own));
  if (strange.length > 0) {
    throw new Error(
      `The page of ${name} got ${strange.length} files from elsewhere: ${strange.slice(0, 5).join(', ')}`
    );
  }
}

async function digest(set: PackageSet): Promise<string> {
  const hash = createHash('sha256').update(set.name);
  const folders = ['workbench/page', 'stack/host'];
  const names = await Promise.all(folders.map((folder) => readdir(join(repositoryRoot, folder), { recursive: true })));
  const sources = names.flatMap((list, index) => list.map((name) => join(folders[index] ?? '', name)));
  for (const file of [...sources, 'stack/workbench/bundle.ts', set.lockfile].sort()) {
    if (/\.(tsx?|css|json)$/.test(file)) {
      hash.update(file).update(await readFile(join(repositoryRoot, file)));
    }
  }
  await mkdir(join(repositoryRoot, '.tests', 'workbench'), { recursive: true });
  return hash.digest('hex').slice(0, 16);
}
