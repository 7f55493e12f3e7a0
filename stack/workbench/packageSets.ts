import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { repositoryRoot } from '../lib/repository';

/** Packages of one version of Grafana, with its React, that the page can be made of. */
export interface PackageSet {
  name: string;
  /** Folder with its node_modules. */
  directory: string;
  /** Its lockfile, seen from the root. */
  lockfile: string;
  /** As the page says of itself in `buildInfo`. */
  grafanaVersion: string;
  reactVersion: string;
}

/** Grafana 12 with React 18, which the plugin is built and type-checked against. */
export const grafana12: PackageSet = setIn('grafana12', '');

/** Grafana 13 with React 19, installed apart. */
export const grafana13: PackageSet = setIn('grafana13', 'workbench/grafana13');

function setIn(name: string, folder: string): PackageSet {
  const directory = join(repositoryRoot, folder);
  const { dependencies } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const { '@grafana/data': grafanaVersion, react: reactVersion } = dependencies;
  return { name, directory, lockfile: join(folder, 'package-lock.json'), grafanaVersion, reactVersion };
}

/** Installs the packages of Grafana 13, unless that was done; those of Grafana 12 are there where this runs. */
export function installGrafana13(): void {
  const script = `import { ensureGrafana13 } from './scripts/setup.mjs'; await ensureGrafana13();`;
  execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: repositoryRoot, stdio: 'inherit' });
}
