import { Agent, createServer, type IncomingMessage, request as httpRequest, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { loopback } from '../../../stack/lib/ports';

export interface EngineProxyOptions {
  /** Above this many requests within one second, the answer is 429. Default: no limit. */
  requestsPerSecond?: number;
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
  close(): Promise<void>;
}

/** More requests than this at once are a fault of the caller: they are refused with 503. */
const mostAtOnce = 50;

/** Stands between the host and an engine, as an ingress does. */
export async function openEngineProxy(engineUrl: string, options: EngineProxyOptions = {}): Promise<EngineProxy> {
  const { requestsPerSecond = Infinity, latencyMs = 0, onAnswered } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: mostAtOnce });
  const accepted: number[] = [];
  let current = 0;
  let refused = 0;
  let answered = 0;

  const forward = (request: IncomingMessage, response: ServerResponse) => {
    current += 1;
    const { method, headers } = request;
    const upstream = httpRequest(`${engineUrl}${request.url}`, { method, headers, agent }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy()).pipe(response);
      answer.on('end', () => onAnswered?.((answered += 1)));
    });
    // As an ingress without a living backend would answer, unless half an answer is already on its way.
    upstream.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on('close', () => {
      current -= 1;
      upstream.destroy();
    });
    request.pipe(upstream);
  };

  const server = createServer((request, response) => {
    const now = performance.now();
    while (accepted[0] !== undefined && accepted[0] <= now - 1000) {
      accepted.shift();
    }
    if (accepted.length >= requestsPerSecond) {
      refused += 1;
      response.writeHead(429, { 'Content-Type': 'text/plain' }).end('too many requests\n');
    } else if (current >= mostAtOnce) {
      response.writeHead(503).end();
    } else {
      if (requestsPerSecond !== Infinity) {
        accepted.push(now);
      }
      setTimeout(() => forward(request, response), latencyMs);
    }
  });
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  return {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    async close() {
      server.closeAllConnections();
      agent.destroy();
      await new Promise((fulfil) => server.close(fulfil));
    },
  };
}
