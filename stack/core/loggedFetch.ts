import { type Endpoint } from '../../src/core/upstream/fetchTransport';
import { type RequestLog } from '../lib/requestLog';

/** More than Loki's statistics ever take. */
const statisticsBytes = 65_536;

/** The way to an engine at a base address, by Node's `fetch`; each request is noted, with what came of it. */
export function loggedEndpoint(engine: 'loki' | 'prometheus', url: string, log: RequestLog): Endpoint {
  const base = url.replace(/\/+$/, '');
  return {
    url: base,
    async fetch(address, init) {
      const [path = '', query = ''] = address.slice(base.length + 1).split('?');
      const entry = log.begin({
        uid: engine,
        engine,
        method: init.method ?? 'GET',
        path,
        parameters: parametersOf(query, init),
        urlLength: address.length - base.length,
      });
      try {
        const response = await fetch(address, init);
        const { ok, status, statusText, headers } = response;
        entry.status = status;
        const body = await response.arrayBuffer();
        const linesProcessed = engine === 'loki' ? linesProcessedOf(endOf(body)) : undefined;
        log.end(entry, {
          outcome: ok ? 'ok' : 'error',
          bytes: body.byteLength,
          ...(linesProcessed !== undefined && { linesProcessed }),
        });
        return new Response(body, { status, statusText, headers });
      } catch (error) {
        const isAborted = init.signal?.aborted === true;
        log.end(entry, { outcome: isAborted ? 'aborted' : entry.status === undefined ? 'error' : 'broken' });
        throw error;
      }
    },
  };
}

function parametersOf(query: string, { headers, body }: RequestInit): URLSearchParams {
  const parameters = new URLSearchParams(query);
  const type = new Headers(headers).get('content-type') ?? '';
  if (typeof body === 'string' && type.startsWith('application/x-www-form-urlencoded')) {
    new URLSearchParams(body).forEach((value, key) => parameters.append(key, value));
  }
  return parameters;
}

/** Loki's statistics stand at the end; decoding megabytes of figures twice would distort the benchmarks. */
function endOf(body: ArrayBuffer): string {
  return new TextDecoder().decode(new Uint8Array(body).subarray(-statisticsBytes));
}

/**
 * `totalLinesProcessed` of the statistics in a Loki answer; undefined when there are none. A search instead of a parse,
 * as answers have megabytes: every quote within a line or a label is escaped, so the key can only be Loki's own.
 */
export function linesProcessedOf(body: string): number | undefined {
  const start = body.lastIndexOf('"stats":{');
  const match = start < 0 ? null : /"summary":\{[^}]*?"totalLinesProcessed":(\d+)/.exec(body.slice(start));
  return match?.[1] === undefined ? undefined : Number(match[1]);
}
