import { LokiClient } from './loki';
import { PrometheusClient, type PrometheusSettings } from './prometheus';
import { type RetryPolicy } from './retry';
import { type Transport } from './transport';

/** Which Loki is asked. */
export interface LokiConnection {
  /** Its name for the transport. What was kept of an upstream of another name is not taken for its own. */
  uid: string;
}

/** Which Prometheus is asked, and how. */
export type PrometheusConnection = Omit<PrometheusSettings, 'fresh'>;

/**
 * The ways to the upstreams. Each is looked up whenever it is used, because it may change at any time. Where one can't be
 * used, it throws an `UpstreamError` of kind `configuration` that says what to change.
 */
export interface Connections {
  /** Sends a request to the upstream that it names. */
  transport: Transport;
  loki: () => LokiConnection;
  prometheus: () => PrometheusConnection;
  /** Where the addresses and credentials are the program's own; absent: they are Grafana's, for all who may query its data sources. */
  own?: OwnAccess;
}

/** What a program knows of the ways that it was given. */
export interface OwnAccess {
  /** What is wrong with an upstream and what to change, in the terms of the program's own settings. */
  explain: (upstream: UpstreamName, error: unknown) => string;
}

export type UpstreamName = 'Loki' | 'Prometheus';

/** Throws as of `Connections`. */
export function lokiClient({ transport, loki }: Connections, retryPolicy?: RetryPolicy): LokiClient {
  return new LokiClient(transport, loki().uid, retryPolicy);
}

/** Throws as of `Connections`. */
export function prometheusClient({ transport, prometheus }: Connections, retryPolicy?: RetryPolicy): PrometheusClient {
  return new PrometheusClient(transport, prometheus(), retryPolicy);
}
