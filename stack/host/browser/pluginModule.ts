import * as emotion from '@emotion/css';
import { type DataSourceApi, type DataSourcePlugin, type DataSourcePluginMeta } from '@grafana/data';
import * as grafanaData from '@grafana/data';
import * as grafanaRuntime from '@grafana/runtime';
import * as grafanaUi from '@grafana/ui';
import * as lodash from 'lodash';
// eslint-disable-next-line no-restricted-imports -- for plugins that share it
import * as moment from 'moment';
import * as React from 'react';
import * as ReactDOM from 'react-dom';
import * as rxjs from 'rxjs';

import { evaluateAmd } from '../amd';

/** What Grafana shares with its plugins: the copies that this page itself uses. */
const shared: Record<string, unknown> = {
  '@grafana/data': grafanaData,
  '@grafana/runtime': grafanaRuntime,
  '@grafana/ui': grafanaUi,
  '@emotion/css': emotion,
  lodash,
  moment,
  react: React,
  'react-dom': ReactDOM,
  rxjs,
};

export interface LoadedPlugin {
  plugin: DataSourcePlugin<DataSourceApi>;
  meta: DataSourcePluginMeta;
}

const pluginId = 'oscar-metrics-datasource';

/** Loads the built plugin as Grafana's AMD loader does. Rejects for a module that Grafana does not share. */
export async function importPlugin(): Promise<LoadedPlugin> {
  const baseUrl = `public/plugins/${pluginId}`;
  const [meta, source] = await Promise.all([
    fetch(`${baseUrl}/plugin.json`).then((response) => response.json()),
    fetch(`${baseUrl}/module.js`).then((response) => response.text()),
  ]);
  const exported = evaluateAmd(source, pluginId, (name) => {
    if (!(name in shared)) {
      throw new Error(`The plugin asks for "${name}", which Grafana does not share`);
    }
    return shared[name];
  });
  const { plugin } = exported as Pick<LoadedPlugin, 'plugin'>;
  plugin.meta = { ...meta, baseUrl, module: `${baseUrl}/module.js` };
  plugin.components ??= {};
  return { plugin, meta: plugin.meta };
}
