import { type DataSourceInstanceSettings, type DataSourceJsonData } from '@grafana/data';
import { getDataSourceSrv } from '@grafana/runtime';

import { UpstreamError } from './errors';
import { LokiClient } from './loki';
import { PrometheusClient } from './prometheus';
import { type RetryPolicy } from './retry';
import { type Transport } from './transport';

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

export function lokiClient(transport: Transport, uid: string | undefined, retryPolicy?: RetryPolicy): LokiClient {
  const settings = settingsOf(uid, 'Loki', 'lokiUid', isLokiType);
  return new LokiClient(transport, settings.uid, retryPolicy);
}

export function prometheusClient(
  transport: Transport,
  uid: string | undefined,
  retryPolicy?: RetryPolicy
): PrometheusClient {
  const settings = settingsOf(uid, 'Prometheus', 'prometheusUid', isPrometheusType);
  return new PrometheusClient(
    transport,
    {
      uid: settings.uid,
      method: textOf(settings.jsonData?.httpMethod).toUpperCase() === 'GET' ? 'GET' : 'POST',
      customParameters: [...new URLSearchParams(textOf(settings.jsonData?.customQueryParameters))],
    },
    retryPolicy
  );
}
