import { type UsageOptions } from '../../src/core/options';
import { createSession, type Session } from '../../src/core/session';
import { type Settings, settingsFrom } from '../../src/core/settings';
import { openUpstreams, type Upstreams } from '../../src/core/sources/upstreams';
import { fetchConnections } from '../../src/core/upstream/fetchConnections';
import { type RetryPolicy } from '../../src/core/upstream/retry';
import { type Transport } from '../../src/core/upstream/transport';
import { RequestLog } from '../lib/requestLog';
import { loggedEndpoint } from './loggedFetch';

export interface CoreOptions {
  /** Addresses of the engines; without one, what depends on it is missing. */
  lokiUrl?: string;
  prometheusUrl?: string;
  /** Default: the one that people have. */
  retryPolicy?: RetryPolicy;
}

/** The core of the plugin over `fetch`, without Grafana. */
export interface Core {
  /** What was sent by any way of this core. */
  readonly log: RequestLog;
  /** Sends what no session asks, such as what others ask of the engines. */
  readonly transport: Transport;
  /** A session of which nothing is kept yet, as a data source when a page is opened. */
  open(options?: UsageOptions): Session;
  /** Counts days anew, as what records them does; nothing is kept yet. */
  counting(options?: UsageOptions): { settings: Settings; upstreams: Upstreams };
}

/** What sessions have as the uid of a data source: the key of pseudonyms begins with it (contract, option `users`). */
export const dataSourceUid = 'oscar-metrics';

export function openCore({ lokiUrl, prometheusUrl, retryPolicy }: CoreOptions): Core {
  const log = new RequestLog();
  const connections = fetchConnections({
    ...(lokiUrl !== undefined && { loki: loggedEndpoint('loki', lokiUrl, log) }),
    ...(prometheusUrl !== undefined && { prometheus: loggedEndpoint('prometheus', prometheusUrl, log) }),
  });
  return {
    log,
    transport: connections.transport,
    open: (options = {}) => createSession(settingsFrom(options, dataSourceUid), connections, undefined, retryPolicy),
    counting: (options = {}) => {
      const settings = settingsFrom({ ...options, recordsSelector: '' }, dataSourceUid);
      return { settings, upstreams: openUpstreams(settings, connections, () => Date.now(), retryPolicy) };
    },
  };
}
