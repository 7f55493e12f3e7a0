import { type DataSourceInstanceSettings, type DataSourceJsonData } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

import { type Settings } from '../core/settings';
import { type Connections } from '../core/upstream/connections';
import { UpstreamError } from '../core/upstream/errors';
import { grafanaTransport } from './transport';

interface UpstreamJson extends DataSourceJsonData {
  httpMethod?: unknown;
  customQueryParameters?: unknown;
}

/**
 * Looks an upstream up by uid, each time it is used, because an administrator may change it at any time.
 * Throws an `UpstreamError` of kind `configuration` that says what to change.
 */
function settingsOf(
  uid: string | undefined,
  what: 'Prometheus' | 'Loki',
  option: string,
  fits: (type: string) => boolean
) {
  if (!uid) {
    throw new UpstreamError('configuration', `no ${what} data source is selected (option ${option})`);
  }
  const settings = getDataSourceSrv().getInstanceSettings(uid) as DataSourceInstanceSettings<UpstreamJson> | undefined;
  if (!settings) {
    throw new UpstreamError(
      'configuration',
      `the ${what} data source with uid "${uid}" does not exist, or you may not query it (option ${option})`
    );
  }
  if (!fits(settings.type)) {
    throw new UpstreamError(
      'configuration',
      `the data source "${settings.name}" (uid "${uid}") is of type ${settings.type}, not ${what} (option ${option})`
    );
  }
  if (settings.access === 'direct') {
    throw new UpstreamError(
      'configuration',
      `the data source "${settings.name}" uses browser access, which does not go through Grafana; switch it to server access`
    );
  }
  return settings;
}

/** What another plugin stored may be of any form. */
function textOf(stored: unknown): string {
  return typeof stored === 'string' ? stored : '';
}

/** True for the plugin id of a data source that speaks Loki's API. */
export function isLokiType(type: string): boolean {
  return type === 'loki';
}

/** True for Prometheus, and for its flavours that have a plugin of their own, such as Amazon's and Azure's. */
export function isPrometheusType(type: string): boolean {
  return /prometheus|victoriametrics/i.test(type);
}

/** The ways to the data sources of the options, through Grafana's proxy. */
export function grafanaConnections({
  lokiUid,
  prometheusUid,
}: Pick<Settings, 'lokiUid' | 'prometheusUid'>): Connections {
  return {
    transport: grafanaTransport,
    loki: () => ({ uid: settingsOf(lokiUid, 'Loki', 'lokiUid', isLokiType).uid }),
    prometheus: () => {
      const { uid, jsonData } = settingsOf(prometheusUid, 'Prometheus', 'prometheusUid', isPrometheusType);
      return {
        uid,
        method: textOf(jsonData?.httpMethod).toUpperCase() === 'GET' ? 'GET' : 'POST',
        customParameters: [...new URLSearchParams(textOf(jsonData?.customQueryParameters))],
      };
    },
  };
}
