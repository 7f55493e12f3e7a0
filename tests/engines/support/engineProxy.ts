import { Agent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { loopback } from '../../../stack/lib/ports';

export interface EngineProxyOptions {
  /** After so many requests that pass, so many are answered with 429, and so on. Default: none. */
  limiter?: { passes: number; refuses: number };
  /**
   * Loki says of each query that it took a millisecond: how the next ones are cut depends on it, and hence, without this,
   * on how fast the machine is.
   */
  isSteady?: boolean;
  /** No request is answered. */
  holdsAll?: boolean;
  /** What is answered with 403, as by a gateway that passes only some requests. Default: nothing. */
  refuses?: (request: { method: string; path: string }) => boolean;
  /** Added before every request goes to the engine, in milliseconds. Default: 0. */
  latencyMs?: number;
  /** Called after the n-th answer of the engine was passed on completely, counted from 1. */
  onAnswered?: (count: number) => void;
}

export interface EngineProxy {
  /** Base address without a trailing slash. */
  url: string;
  /** Number of requests that were answered with 429. */
  readonly refused: number;
  /** From now on the answer is 502, as an ingress without a living backend answers; what is under way breaks off. */
  cutOff(): void;
  /** Passes requests on again. */
  restore(): void;
  close(): Promise<void>;
}

/** More requests than this at once are a fault of the caller: they are refused with 503. */
const maxAtOnce = 50;

/** Stands between the host and an engine, as an ingress does. */
export async function openEngineProxy(engineUrl: string, options: EngineProxyOptions = {}): Promise<EngineProxy> {
  const { limiter, latencyMs = 0, isSteady = false, holdsAll = false, refuses = () => false, onAnswered } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: maxAtOnce });
  const underWay = new Set<ServerResponse>();
  let isCutOff = false;
  let asked = 0;
  let refused = 0;
  let answered = 0;

  const forward = (request: IncomingMessage, response: ServerResponse) => {
    const { method } = request;
    const { 'accept-encoding': _, ...plain } = request.headers;
    const headers = isSteady ? plain : request.headers;
    const upstream = httpRequest(`${engineUrl}${request.url}`, { method, headers, agent }, (answer) => {
      answer.on('error', () => response.destroy());
      response.on('finish', () => {
        underWay.delete(response);
        onAnswered?.((answered += 1));
      });
      if (isSteady) {
        passSteadily(answer, response).catch(() => response.destroy());
      } else {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      }
    });
    // As an ingress without a living backend would answer, unless half an answer is already on its way.
    upstream.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => upstream.destroy());
    request.pipe(upstream);
  };

  const server = createServer((request, response) => {
    if (holdsAll) {
      return;
    }
    const [path = ''] = (request.url ?? '').split('?');
    if (refuses({ method: request.method ?? '', path })) {
      response.writeHead(403, { 'Content-Type': 'text/plain' }).end('access denied\n');
      return;
    }
    if (isCutOff) {
      response.writeHead(502).end();
      return;
    }
    const turn = limiter ? asked++ % (limiter.passes + limiter.refuses) : 0;
    if (limiter && turn >= limiter.passes) {
      refused += 1;
      response.writeHead(429, { 'Content-Type': 'text/plain' }).end('too many requests\n');
    } else if (underWay.size >= maxAtOnce) {
      response.writeHead(503).end();
    } else {
      underWay.add(response);
      response.on('close', () => underWay.delete(response));
      setTimeout(() => forward(request, response), latencyMs);
    }
  });
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  return {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    cutOff() {
      isCutOff = true;
      underWay.forEach((response) => response.destroy());
    },
    restore() {
      isCutOff = false;
    },
    async close() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((fulfil) => server.close(fulfil));
    },
  };
}

async function passSteadily(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) {
    chunks.push(chunk as Buffer);
  }
  const body = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/"execTime":[^,}]+/g, '"execTime":0.001');
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers).end(body);
}
