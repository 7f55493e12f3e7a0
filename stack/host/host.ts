import { resolve } from 'node:path';

import { type DataQueryResponse, type DataSourceApi, type DataSourceJsonData, type ScopedVars } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import { defer, from as fromInput, type Observable } from 'rxjs';

import { repositoryRoot } from '../lib/repository';
import { RequestLog, type UpstreamRequest } from '../lib/requestLog';
import { HostBackendSrv } from './backendSrv';
import { type HostDataSource, HostDataSourceSrv, instanceSettingsOf } from './dataSources';
import { installBrowserGlobals } from './environment';
import { createHostModules } from './hostModules';
import { type DataSourceClass, loadPlugin } from './pluginLoader';
import { createProxyFetch } from './proxy';
import { buildRequest, type QueryOptions, type Target } from './queryRequest';
import { HostTemplateSrv, type HostVariable } from './templateSrv';

export interface HostOptions {
  /** Address of the engine behind the data source `loki`; absent: every request to it is answered with 502. */
  lokiUrl?: string;
  /** Address of the engine behind the data source `prometheus`, likewise. */
  prometheusUrl?: string;
  /** Folder with module.js and plugin.json. Default: the repository's dist/. */
  pluginDirectory?: string;
  /** Further data sources, or other settings for `loki` and `prometheus`. */
  dataSources?: readonly HostDataSource[];
  variables?: readonly HostVariable[];
  /** Added before every upstream request, in milliseconds. Default: 0. */
  proxyLatencyMs?: number;
  /** How long the proxy waits for an engine's first byte, in milliseconds. Default: 600 000, only against a hang; Grafana's is 30 000. */
  firstByteTimeoutMs?: number;
  /** True for a proxy that lets any method through to Loki, as that of Grafana 12.3. Default: later ones, which do not. */
  passesToLoki?: boolean;
  /** Data requests in flight for the whole page. Default: 5. */
  maxParallelRequests?: number;
  /** The user's time zone in Grafana's preferences; the first host of a process decides. Default: `utc`. */
  timezone?: string;
}

export type PluginDataSource = DataSourceApi<DataQuery, DataSourceJsonData>;

/** The last packet, or what the data source threw instead. */
export interface QueryResult {
  response: DataQueryResponse;
  /** The last packet's error, or the thrown one. */
  error?: unknown;
  /** True when `query()` threw or its observable failed. */
  thrown: boolean;
  /** Number of packets. */
  packets: number;
}

export interface Host {
  readonly DataSourceClass: DataSourceClass;
  readonly dataSourceSrv: HostDataSourceSrv;
  readonly templateSrv: HostTemplateSrv;
  readonly backendSrv: HostBackendSrv;
  /** All requests through the proxy since the last reset, in the order in which they were sent. */
  readonly requests: readonly UpstreamRequest[];
  readonly inFlight: number;
  readonly peakInFlight: number;
  /** Requests with a URL above 8000 characters. */
  readonly longUrls: number;
  resetRequests(): void;
  /** A fresh instance. `jsonData` lies over the uids of this host's two engines. */
  createDataSource(jsonData?: object, uid?: string): PluginDataSource;
  /** The packets of one `query()`; sends nothing until subscribed to, unsubscribing cancels. */
  query(
    dataSource: PluginDataSource,
    targets: Target | readonly Target[],
    options: QueryOptions
  ): Observable<DataQueryResponse>;
  /** Waits for the end. Never rejects because of the data source: its errors are in the result. */
  queryOnce(
    dataSource: PluginDataSource,
    targets: Target | readonly Target[],
    options: QueryOptions
  ): Promise<QueryResult>;
  /** `templateSrv.replace` with the host's variables. */
  interpolate(text: string, scopedVars?: ScopedVars): string;
}

/**
 * Loads the built plugin and sets up Grafana's services for it, in about a second. Each host has its own copy of
 * @grafana/runtime and of the plugin, so several hosts in one process do not meet (and share no cache of the plugin).
 * Throws when the plugin is not built or not loadable.
 */
export async function createHost(options: HostOptions = {}): Promise<Host> {
  installBrowserGlobals({ timezone: options.timezone ?? 'utc', orgId: 1, grafanaVersion: '12.4.2' });
  const modules = createHostModules(repositoryRoot);
  const grafanaData = modules('@grafana/data') as typeof import('@grafana/data');
  const grafanaRuntime = modules('@grafana/runtime') as typeof import('@grafana/runtime');
  const plugin = loadPlugin(options.pluginDirectory ?? resolve(repositoryRoot, 'dist'), modules);

  const log = new RequestLog();
  const templateSrv = new HostTemplateSrv();
  templateSrv.setVariables(options.variables ?? []);
  const dataSourceSrv = new HostDataSourceSrv(templateSrv, (settings) => {
    if (settings.type !== plugin.meta.id) {
      throw new Error(`This host has no plugin for the data source type "${settings.type}".`);
    }
    return instantiate(settings);
  });
  const backendSrv = new HostBackendSrv({
    fetch: createProxyFetch({
      target: (uid) => dataSourceSrv.find(uid),
      log,
      firstByteTimeoutMs: options.firstByteTimeoutMs ?? 600_000,
      latencyMs: options.proxyLatencyMs ?? 0,
      passesToLoki: options.passesToLoki,
    }),
    maxParallelRequests: options.maxParallelRequests ?? 5,
    orgId: 1,
  });

  const own = {
    uid: 'oscar-metrics',
    type: plugin.meta.id,
    name: plugin.meta.name,
    meta: plugin.meta,
    isDefault: true,
  };
  const engines: HostDataSource[] = [
    { uid: 'prometheus', type: 'prometheus', name: 'Prometheus', upstreamUrl: options.prometheusUrl },
    { uid: 'loki', type: 'loki', name: 'Loki', upstreamUrl: options.lokiUrl },
  ];
  for (const source of [own, ...engines, ...(options.dataSources ?? [])]) {
    dataSourceSrv.set({ ...dataSourceSrv.find(source.uid), ...source });
  }

  grafanaRuntime.setBackendSrv(backendSrv);
  grafanaRuntime.setDataSourceSrv(dataSourceSrv);
  grafanaRuntime.setTemplateSrv(templateSrv);

  function instantiate(settings: ReturnType<typeof instanceSettingsOf>): PluginDataSource {
    const instance = new plugin.DataSourceClass(settings);
    const { id, uid, name, type, meta } = settings;
    return Object.assign(instance, { components: plugin.components, id, uid, name, type, meta });
  }

  const host: Host = {
    DataSourceClass: plugin.DataSourceClass,
    dataSourceSrv,
    templateSrv,
    backendSrv,
    get requests() {
      return log.requests;
    },
    get inFlight() {
      return log.inFlight;
    },
    get peakInFlight() {
      return log.peakInFlight;
    },
    get longUrls() {
      return log.longUrls;
    },
    resetRequests: () => log.reset(),
    createDataSource(jsonData = {}, uid = own.uid) {
      const source = { ...own, uid, jsonData: { prometheusUid: 'prometheus', lokiUid: 'loki', ...jsonData } };
      dataSourceSrv.set(source);
      return instantiate(instanceSettingsOf(source, 1));
    },
    query: (dataSource, targets, queryOptions) =>
      defer(() => {
        const request = buildRequest(
          [targets].flat(),
          queryOptions,
          { type: dataSource.type, uid: dataSource.uid },
          grafanaData.dateTimeForTimeZone
        );
        return fromInput(dataSource.query(request));
      }),
    async queryOnce(dataSource, targets, queryOptions) {
      let packets = 0;
      let response: DataQueryResponse = { data: [] };
      try {
        await host.query(dataSource, targets, queryOptions).forEach((packet) => {
          packets++;
          response = packet;
        });
      } catch (error) {
        return { response, error, thrown: true, packets };
      }
      return { response, error: response.error ?? response.errors?.[0], thrown: false, packets };
    },
    interpolate: (text, scopedVars) => templateSrv.replace(text, scopedVars),
  };
  return host;
}
