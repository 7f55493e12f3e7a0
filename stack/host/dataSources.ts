import {
  type DataSourceApi,
  type DataSourceInstanceSettings,
  type DataSourceJsonData,
  type DataSourcePluginMeta,
  type DataSourceRef,
  type ScopedVars,
} from '@grafana/data';
import { type DataSourceSrv, type GetDataSourceListFilters, type TemplateSrv } from '@grafana/runtime';

/** A data source as an administrator sets it up. Another entry with the same uid replaces it. */
export interface HostDataSource {
  uid: string;
  type: string;
  /** Default: the uid. */
  name?: string;
  /** The engine's address, known to the proxy only. */
  upstreamUrl?: string;
  /** Default: `proxy`. */
  access?: 'proxy' | 'direct';
  jsonData?: DataSourceJsonData & Record<string, unknown>;
  isDefault?: boolean;
  /** Laid over a minimal plugin.json. */
  meta?: Partial<DataSourcePluginMeta>;
}

/** The instance settings that Grafana's front end would hold for the entry. */
export function instanceSettingsOf(source: HostDataSource, id: number): DataSourceInstanceSettings {
  const access = source.access ?? 'proxy';
  return {
    id,
    uid: source.uid,
    type: source.type,
    name: source.name ?? source.uid,
    access,
    url: access === 'direct' ? source.upstreamUrl : `/api/datasources/proxy/uid/${source.uid}`,
    jsonData: source.jsonData ?? {},
    isDefault: source.isDefault ?? false,
    readOnly: false,
    meta: pluginMetaOf(source),
  };
}

function pluginMetaOf(source: HostDataSource): DataSourcePluginMeta {
  const base = {
    id: source.type,
    name: source.type,
    // The enum's value; importing @grafana/data for it would load it before the browser globals are there.
    type: 'datasource' as DataSourcePluginMeta['type'],
    module: `public/plugins/${source.type}/module.js`,
    baseUrl: `public/plugins/${source.type}`,
    metrics: true,
    logs: source.type === 'loki',
    info: {
      author: { name: '' },
      description: '',
      links: [],
      logos: { small: '', large: '' },
      screenshots: [],
      updated: '',
      version: '',
    },
  };
  return { ...base, ...source.meta };
}

/** `getDataSourceSrv()`; `createInstance` makes the data sources whose plugin this host has, and throws for others. */
export class HostDataSourceSrv implements DataSourceSrv {
  private readonly sources = new Map<string, HostDataSource>();

  constructor(
    private readonly templateSrv: TemplateSrv,
    private readonly createInstance: (settings: DataSourceInstanceSettings) => DataSourceApi
  ) {}

  /** Adds or replaces. */
  set(source: HostDataSource): void {
    this.sources.set(source.uid, source);
  }

  remove(uid: string): void {
    this.sources.delete(uid);
  }

  find(uid: string): HostDataSource | undefined {
    return this.sources.get(uid);
  }

  /** By uid or name, both of which may be a template variable, or by reference; nothing or `default` is the default one. */
  getInstanceSettings(
    reference?: DataSourceRef | string | null,
    scopedVars?: ScopedVars
  ): DataSourceInstanceSettings | undefined {
    const all = this.all();
    if (reference && typeof reference === 'object' && !reference.uid && reference.type) {
      const ofType = all.filter(({ type }) => type === reference.type);
      return ofType.find(({ isDefault }) => isDefault) ?? ofType[0];
    }
    const raw = typeof reference === 'string' ? reference : reference?.uid;
    if (!raw || raw === 'default') {
      return all.find(({ isDefault }) => isDefault);
    }
    const key = this.templateSrv.replace(raw, scopedVars);
    return all.find(({ uid }) => uid === key) ?? all.find(({ name }) => name === key);
  }

  getList(filters: GetDataSourceListFilters = {}): DataSourceInstanceSettings[] {
    const types = filters.type === undefined ? undefined : [filters.type].flat();
    return this.all().filter(
      (settings) =>
        (!types || types.includes(settings.type)) &&
        (!filters.pluginId || settings.meta.id === filters.pluginId) &&
        (!filters.metrics || settings.meta.metrics === true) &&
        (!filters.logs || settings.meta.logs === true) &&
        (!filters.annotations || settings.meta.annotations === true) &&
        (!filters.filter || filters.filter(settings))
    );
  }

  async get(reference?: DataSourceRef | string | null, scopedVars?: ScopedVars): Promise<DataSourceApi> {
    const settings = this.getInstanceSettings(reference, scopedVars);
    if (!settings) {
      throw new Error(`Datasource ${JSON.stringify(reference)} was not found`);
    }
    return this.createInstance(settings);
  }

  reload(): void {
    // Nothing is cached.
  }

  registerRuntimeDataSource(): void {
    throw new Error('This host has no run-time data sources.');
  }

  private all(): DataSourceInstanceSettings[] {
    return [...this.sources.values()].map((source, index) => instanceSettingsOf(source, index + 1));
  }
}
