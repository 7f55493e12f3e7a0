import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { lastValueFrom, of } from 'rxjs';

import { toUpstreamError, UpstreamError } from '../../src/core/upstream/errors';
import { type Transport } from '../../src/core/upstream/transport';
import { FakeLoki, type LogEntry } from '../../src/testing/fakeLoki';
import { withProofs } from '../../src/testing/proofs';

/** A Loki that holds these lines, and a Prometheus with hours of one service, both over HTTP. */
export interface Upstreams {
  /** Root of each API. */
  lokiUrl: string;
  prometheusUrl: string;
  /** Headers that were sent. */
  headers: Array<IncomingMessage['headers']>;
  close(): void;
}

/** The Prometheus gives so many hours to `service` at each evaluation of a query that names `metric`, and refuses all others. */
export interface Hours {
  metric: string;
  service: string;
  hours: number;
}

export async function serveUpstreams(entries: readonly LogEntry[], hours: Hours): Promise<Upstreams> {
  const loki = withProofs(new FakeLoki(entries).transport);
  const prometheus = withProofs(prometheusOf(hours));
  const headers: Array<IncomingMessage['headers']> = [];
  const server: Server = createServer((request, response) => {
    headers.push(request.headers);
    void answer(request, response, { loki, prometheus });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    lokiUrl: `${url}/logs`,
    prometheusUrl: `${url}/metrics`,
    headers,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  transports: { loki: Transport; prometheus: Transport }
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
  const [, root, ...rest] = pathname.split('/');
  const [transport, uid] = root === 'logs' ? [transports.loki, 'loki'] : [transports.prometheus, 'prometheus'];
  const params = Object.fromEntries(new URLSearchParams(await bodyOf(request)));
  const question = {
    uid,
    method: 'GET',
    path: rest.join('/'),
    params: { ...params, ...Object.fromEntries(searchParams) },
  } as const;
  try {
    const body = await lastValueFrom(transport(question));
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  } catch (error) {
    const { status = 500, message } = toUpstreamError(error);
    response.writeHead(status, { 'Content-Type': 'text/plain' }).end(message);
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) {
    body += String(chunk);
  }
  return body;
}

function prometheusOf({ metric, service, hours }: Hours): Transport {
  return ({ path, params: { query = '', time, start, end, step } }) => {
    if (!query.includes(metric)) {
      throw new UpstreamError('bad-request', 'invalid parameter "query": not known here', 400);
    }
    const labels = { service };
    if (path === 'api/v1/query') {
      const value = [Number(time), String(hours)];
      return of({ status: 'success', data: { resultType: 'vector', result: [{ metric: labels, value }] } });
    }
    const values: Array<[number, string]> = [];
    for (let at = Number(start); at <= Number(end); at += Number(step)) {
      values.push([at, String(hours)]);
    }
    return of({ status: 'success', data: { resultType: 'matrix', result: [{ metric: labels, values }] } });
  };
}
