import { createRequire } from 'node:module';

import { buildSync } from 'esbuild';

import { uiPlaceholder } from './uiPlaceholder';

/** The modules that Grafana shares with its plugins, by the name under which a plugin asks for them. */
export type HostModules = (name: string) => unknown;

/** Shared packages that Node can load as they are. */
const sharedPackages = ['@grafana/data', '@emotion/css', 'lodash', 'moment', 'react', 'react-dom', 'rxjs'];

/**
 * Loads the shared modules on demand, from the packages that `root` (a folder with `node_modules`) has installed; every
 * module exists once, so what the host sets on `@grafana/runtime` reaches the plugin. Browser globals have to be
 * installed. Throws for a name that the host does not share.
 */
export function createHostModules(root: string): HostModules {
  const requireFromRoot = createRequire(`${root}/package.json`);
  let runtime: unknown;

  const resolve: HostModules = (name) => {
    if (name === '@grafana/runtime') {
      return (runtime ??= bundleRuntime(root, resolve, requireFromRoot));
    }
    if (name === '@grafana/ui') {
      return uiPlaceholder;
    }
    if (sharedPackages.some((shared) => name === shared || name.startsWith(`${shared}/`))) {
      return requireFromRoot(name);
    }
    throw new Error(
      `The plugin asks for the module "${name}", which this host does not share. ` +
        `Shared are: ${[...sharedPackages, '@grafana/runtime', '@grafana/ui'].join(', ')}.`
    );
  };
  return resolve;
}

/**
 * Node cannot load @grafana/runtime itself, because the components of @grafana/ui import style sheets; bundled in
 * memory (about 0.3 s) with the shared modules left out, it can.
 */
function bundleRuntime(root: string, resolve: HostModules, nodeRequire: NodeRequire): unknown {
  const shared = [...sharedPackages, '@grafana/ui'];
  const { outputFiles } = buildSync({
    stdin: { contents: `module.exports = require('@grafana/runtime');`, resolveDir: root },
    bundle: true,
    write: false,
    platform: 'node',
    format: 'cjs',
    mainFields: ['main'],
    conditions: ['require'],
    external: shared.flatMap((name) => [name, `${name}/*`]),
    loader: { '.css': 'empty' },
    logLevel: 'error',
  });
  const isShared = (name: string) => shared.some((item) => name === item || name.startsWith(`${item}/`));
  return evaluateModule(outputFiles[0]?.text ?? '', '@grafana/runtime', (name) =>
    isShared(name) ? resolve(name) : nodeRequire(name)
  );
}

/** Runs the text of a CommonJS module and returns what it exports. */
function evaluateModule(source: string, name: string, require: (name: string) => unknown): unknown {
  const module: { exports: unknown } = { exports: {} };
  const run = new Function('module', 'exports', 'require', `${source}\n//# sourceURL=${name}`);
  run(module, module.exports, require);
  return module.exports;
}
