import { catchError, forkJoin, map, type Observable, of } from 'rxjs';

import { inWords } from '../domain/text';
import { toUpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type HealthLine } from './line';

/** What a viewer could do to a Loki through Grafana, and a question that shows whether it gets through and does nothing. */
interface Access {
  what: string;
  /** Different ways to do the same; the first one that gets through is named. */
  asks: ReadonlyArray<{ name: string; ask: (client: LokiClient) => Observable<unknown> }>;
  /** Loki's own error for a request without its parameters: it got through to where a complete one would be obeyed. */
  reached: RegExp;
}

/**
 * Measured on Loki 3.7.6: no stream is 422, and 204 in old versions; a deletion without a query is 400, 403 where `deletion_mode`
 * forbids it, 404 without a compactor that deletes. Grafana's proxy passes POST on to Loki in 12.3, and answers 403 in later versions.
 */
const accesses: readonly Access[] = [
  {
    what: 'write log lines',
    asks: [
      { name: 'POST loki/api/v1/push', ask: (client) => client.pushNothing('loki/api/v1/push', { streams: [] }) },
      { name: 'POST otlp/v1/logs', ask: (client) => client.pushNothing('otlp/v1/logs', { resourceLogs: [] }) },
      { name: 'POST api/prom/push', ask: (client) => client.pushNothing('api/prom/push', { streams: [] }) },
    ],
    reached: /^HTTP 4(?:00|22): [^]*(?:stream|snappy|proto|entr(?:y|ies))/i,
  },
  {
    what: 'delete log lines',
    asks: [{ name: 'POST loki/api/v1/delete', ask: (client) => client.deleteNothing() }],
    reached: /^HTTP 400: [^]*(?:query|start|end|delet)/i,
  },
  {
    // A GET of `ingester/shutdown` stops Loki 3.7.6.
    what: 'stop it',
    asks: [{ name: 'GET services', ask: (client) => client.services() }],
    reached: /^$/,
  },
];

/** Statuses of something in between that does not let the request through, or of a Loki that does not offer it. */
const refusing: ReadonlySet<number | undefined> = new Set([401, 403, 404, 405, 501]);

type Reach = 'open' | 'closed' | { unknown: string };

/**
 * Finds out, without writing anything, whether those who may query a Loki in Grafana could change it: Grafana's proxy asks for no
 * other right. A warning, since today's figures are not affected. Never errors.
 */
export function writeAccess(client: LokiClient): Observable<HealthLine[]> {
  return forkJoin(accesses.map((access) => probe(client, access))).pipe(
    map((findings) => {
      const open = findings.flatMap(({ what, through }) => (through.length > 0 ? [`${what} (${through[0]})`] : []));
      const unknown = findings.flatMap(({ what, through, problem }) =>
        through.length === 0 && problem !== undefined ? [`${what}: ${problem}`] : []
      );
      return [
        ...(open.length > 0 ? [warningOnOpen(open)] : []),
        ...(unknown.length > 0 ? [line('warning', `it is unknown whether viewers could ${unknown.join('; ')}`)] : []),
        ...(open.length === 0 && unknown.length === 0
          ? [line('ok', 'viewers cannot write to it, delete from it or stop it through Grafana')]
          : []),
      ];
    })
  );
}

const line = (level: HealthLine['level'], text: string): HealthLine => ({ level, upstream: 'Loki', text });

function warningOnOpen(open: readonly string[]): HealthLine {
  return line(
    'warning',
    `anyone who may query this data source in Grafana, usually every viewer, can also ${inWords(open)}: figures can be forged or lost. ` +
      'Put a gateway in front of Loki that passes only GET on loki/api/v1/query_range, series, drilldown-limits and status/buildinfo, ' +
      'and on what Explore needs; then enter its address in the data source'
  );
}

function probe(client: LokiClient, { what, asks, reached }: Access) {
  return forkJoin(asks.map(({ ask }) => accessOf(ask(client), reached))).pipe(
    map((reaches) => ({
      what,
      through: asks.flatMap(({ name }, index) => (reaches[index] === 'open' ? [name] : [])),
      problem: reaches.flatMap((reach) => (typeof reach === 'object' ? [reach.unknown] : []))[0],
    }))
  );
}

function accessOf(answer: Observable<unknown>, reached: RegExp): Observable<Reach> {
  return answer.pipe(
    map((body): Reach => (isPage(body) ? 'closed' : 'open')),
    catchError((error: unknown) => {
      const { kind, status, message } = toUpstreamError(error);
      // Grafana turns a 401 into a 400 of its own words.
      if (kind === 'authentication' || refusing.has(status)) {
        return of<Reach>('closed');
      }
      return of<Reach>(reached.test(message) ? 'open' : { unknown: message });
    })
  );
}

/** A login page, or another program that answers everything with a page. */
function isPage(body: unknown): boolean {
  return typeof body === 'string' && /^\s*</.test(body);
}
