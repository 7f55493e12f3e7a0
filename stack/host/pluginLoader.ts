import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import {
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type DataSourcePluginMeta,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { evaluateAmd } from './amd';
import { type HostModules } from './hostModules';
import { runScriptsOf } from './scripts';

/** The constructor that a data source plugin exports. */
export interface DataSourceClass {
  new (settings: DataSourceInstanceSettings): DataSourceApi<DataQuery, DataSourceJsonData>;
}

export interface LoadedPlugin {
  DataSourceClass: DataSourceClass;
  components: DataSourceApi['components'];
  meta: DataSourcePluginMeta;
}

/**
 * Loads a built plugin (`module.js` and `plugin.json` in `directory`) as Grafana's AMD loader does. Throws when it is
 * not built, asks for a module that the host does not share, or exports no data source plugin.
 */
export function loadPlugin(directory: string, modules: HostModules): LoadedPlugin {
  const meta: DataSourcePluginMeta = JSON.parse(read(directory, 'plugin.json'));
  const exported = evaluateAmd(read(directory, 'module.js'), meta.id, modules);
  const plugin = (exported as { plugin?: Partial<LoadedPlugin> } | undefined)?.plugin;
  if (typeof plugin?.DataSourceClass !== 'function') {
    throw new Error(`${join(directory, 'module.js')} must export "plugin", a DataSourcePlugin.`);
  }
  const baseUrl = `public/plugins/${meta.id}`;
  runScriptsOf(directory, baseUrl);
  return {
    DataSourceClass: plugin.DataSourceClass,
    components: plugin.components ?? {},
    meta: { ...meta, baseUrl, module: `${baseUrl}/module.js` },
  };
}

function read(directory: string, file: string): string {
  const path = join(directory, file);
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`There is no built plugin at ${path}: run "npm run build" first.`, { cause });
  }
}
