import { defer, finalize, lastValueFrom } from 'rxjs';

import { type Answer } from '../../src/core/answer';
import { type UsageOptions } from '../../src/core/options';
import { type UsageQuery } from '../../src/core/query';
import { createSession } from '../../src/core/session';
import { settingsFrom } from '../../src/core/settings';
import { fetchConnections } from '../../src/core/upstream/fetchConnections';
import { engineOf, type Transport } from '../../src/core/upstream/transport';
import { type Row } from '../demo/rows';
import { type Range } from '../traffic';

export interface CoreOptions extends UsageOptions {
  /** Addresses of the engines; without one, what depends on it is missing. */
  lokiUrl?: string;
  prometheusUrl?: string;
}

/** A request that was sent. */
export interface SentRequest {
  engine: 'loki' | 'prometheus';
  /** Until the end of the answer; absent until then. */
  ms?: number;
}

/** The core of the plugin over `fetch`, without Grafana. */
export interface Core {
  /** All requests since the last reset. */
  readonly requests: readonly SentRequest[];
  resetRequests(): void;
  /** The last answer to a query, in UTC. Throws an `Error` where it has none. */
  ask(query: UsageQuery, range: Range): Promise<Exclude<Answer, { kind: 'failure' }>>;
}

export function openCore({ lokiUrl, prometheusUrl, ...options }: CoreOptions): Core {
  const connections = fetchConnections({
    ...(lokiUrl !== undefined && { loki: { url: lokiUrl } }),
    ...(prometheusUrl !== undefined && { prometheus: { url: prometheusUrl } }),
  });
  let requests: SentRequest[] = [];
  const transport: Transport = (request) =>
    defer(() => {
      const sent: SentRequest = { engine: engineOf(request) };
      const startedAt = performance.now();
      requests.push(sent);
      return connections.transport(request).pipe(finalize(() => (sent.ms = performance.now() - startedAt)));
    });
  const session = createSession(settingsFrom(options), { ...connections, transport });
  return {
    get requests() {
      return requests;
    },
    resetRequests() {
      requests = [];
    },
    async ask(query, { from, to }) {
      const answer = await lastValueFrom(session.answer(query, { start: from, end: to }, 'utc'));
      if (answer.kind === 'failure') {
        throw new Error(answer.message);
      }
      return answer;
    },
  };
}

/** The rows of an answer by column name; of a time series, the values of a bucket by what labels the series. */
export function rowsOfAnswer(answer: Exclude<Answer, { kind: 'failure' }>): Row[] {
  const columns =
    answer.kind === 'table'
      ? answer.table.columns.map(({ name, values }) => [name, values] as const)
      : [
          ['time', answer.timeSeries.starts] as const,
          ...answer.timeSeries.series.map(({ displayName, values }) => [displayName, values] as const),
        ];
  const length = answer.kind === 'table' ? answer.table.length : answer.timeSeries.starts.length;
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[index] as Row[string]]))
  );
}
