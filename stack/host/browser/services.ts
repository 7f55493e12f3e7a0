import {
  type DataSourceApi,
  type DataSourceInstanceSettings,
  EventBusSrv,
  type PanelPlugin,
  type ScopedVars,
  type TypedVariableModel,
} from '@grafana/data';
import {
  setAppEvents,
  setBackendSrv,
  setDataSourceSrv,
  setEchoSrv,
  setPluginImportUtils,
  setRunRequest,
  setTemplateSrv,
} from '@grafana/runtime';
import { sceneGraph, type SceneObject } from '@grafana/scenes';

import { HostBackendSrv } from '../backendSrv';
import { type HostDataSource, HostDataSourceSrv, instanceSettingsOf } from '../dataSources';
import { HostTemplateSrv } from '../templateSrv';
import { type LoadedPlugin } from './pluginModule';
import { runRequest } from './runRequest';

/** Template variables of the dashboard on the page, as Grafana's own service finds them: through the scene. */
class SceneTemplateSrv extends HostTemplateSrv {
  override replace(target = '', scopedVars?: ScopedVars, format?: string | Function): string {
    const wrapped: unknown = scopedVars?.__sceneObject?.value;
    const scene = (wrapped as { valueOf(): unknown } | undefined)?.valueOf() as SceneObject | undefined;
    return scene
      ? sceneGraph.interpolate(scene, target, scopedVars, format as Parameters<typeof sceneGraph.interpolate>[3])
      : super.replace(target, scopedVars, format);
  }

  override getVariables(): TypedVariableModel[] {
    const scene = window.__grafanaSceneContext as SceneObject | undefined;
    const variables = scene ? sceneGraph.getVariables(scene).state.variables : [];
    // Plugins read the name only, to offer `$name` in their editors.
    return variables.map(({ state }) => ({ name: state.name, type: state.type }) as unknown as TypedVariableModel);
  }
}

declare global {
  interface Window {
    __grafanaSceneContext?: unknown;
  }
}

export interface Services {
  /** The plugin's data source with the options as saved; every call makes a new one. */
  configured(): Promise<DataSourceApi>;
  instanceSettings(): DataSourceInstanceSettings;
  /** Saves the options, as Grafana does before a test. */
  save(jsonData: object): Promise<void>;
}

const dataSourceUid = 'oscar-metrics';

/** Gives the plugin and the scenes what Grafana's front end gives them. `panelOf` knows the panels by their type. */
export async function installServices(
  { plugin, meta }: LoadedPlugin,
  panelOf: (type: string) => PanelPlugin
): Promise<Services> {
  const templateSrv = new SceneTemplateSrv();
  const instances = new Map<string, DataSourceApi>();
  const instanceOf = (settings: DataSourceInstanceSettings): DataSourceApi => {
    const existing = instances.get(settings.uid);
    if (existing) {
      return existing;
    }
    if (settings.type !== meta.id) {
      throw new Error(`This page has no plugin for ${settings.type}`);
    }
    const instance = new plugin.DataSourceClass(settings);
    Object.assign(instance, { components: plugin.components });
    instances.set(settings.uid, instance);
    return instance;
  };
  const dataSourceSrv = new HostDataSourceSrv(templateSrv, instanceOf);
  const small = `${meta.baseUrl}/${meta.info.logos.small}`;
  const info = { ...meta.info, logos: { small, large: small } };
  dataSourceSrv.set({ uid: 'prometheus', type: 'prometheus', name: 'Prometheus', meta: { name: 'Prometheus', info } });
  dataSourceSrv.set({ uid: 'loki', type: 'loki', name: 'Loki', meta: { name: 'Loki', info } });

  const own = (jsonData: object): HostDataSource => ({
    uid: dataSourceUid,
    type: meta.id,
    name: meta.name,
    meta: { ...meta, info },
    isDefault: true,
    jsonData: { ...jsonData },
  });
  const optionsUrl = 'api/workbench/options';
  const register = (jsonData: object) => {
    instances.delete(dataSourceUid);
    dataSourceSrv.set(own(jsonData));
  };
  register(await fetch(optionsUrl).then((response) => response.json()));

  setEchoSrv({ flush: () => undefined, addBackend: () => undefined, addEvent: () => undefined });
  setAppEvents(new EventBusSrv());
  setTemplateSrv(templateSrv);
  setDataSourceSrv(dataSourceSrv);
  setBackendSrv(new HostBackendSrv({ fetch: (url, init) => fetch(url, init), maxParallelRequests: 5, orgId: 1 }));
  setRunRequest(runRequest);
  setPluginImportUtils({
    importPanelPlugin: async (id: string): Promise<PanelPlugin> => panelOf(id),
    getPanelPluginFromCache: panelOf,
  });

  return {
    configured: () => dataSourceSrv.get(dataSourceUid),
    instanceSettings() {
      const source = dataSourceSrv.find(dataSourceUid);
      return instanceSettingsOf(source ?? own({}), 1);
    },
    async save(jsonData) {
      await fetch(optionsUrl, { method: 'PUT', body: JSON.stringify(jsonData) });
      register(jsonData);
    },
  };
}
