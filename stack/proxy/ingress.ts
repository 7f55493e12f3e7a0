import { type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { bodyOf, openProxy, type Passage, type Proxy } from './proxy';

export interface IngressOptions {
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

export interface Ingress extends Proxy {
  /** Number of requests that were answered with 429. */
  readonly refused: number;
  /** From now on the answer is 502, as an ingress without a living backend answers; what is under way breaks off. */
  cutOff(): void;
  /** Passes requests on again. */
  restore(): void;
}

/** More requests than this at once are a fault of the caller: they are refused with 503. */
const maxAtOnce = 50;

/** Stands between the host and an engine, as an ingress does; the address of one that is started again is asked for each time. */
export async function openIngress(engine: string | (() => string), options: IngressOptions = {}): Promise<Ingress> {
  const { limiter, latencyMs = 0, isSteady = false, holdsAll = false, refuses = () => false, onAnswered } = options;
  const underWay = new Set<ServerResponse>();
  let isCutOff = false;
  let asked = 0;
  let refused = 0;
  let answered = 0;

  const forward = async (passage: Passage, response: ServerResponse) => {
    underWay.add(response);
    response.on('close', () => underWay.delete(response));
    await sleep(latencyMs);
    const answer = await passage.forward(!isSteady).catch(() => undefined);
    if (!answer) {
      // As an ingress without a living backend would answer.
      response.writeHead(502).end();
      return;
    }
    response.on('finish', () => {
      underWay.delete(response);
      onAnswered?.((answered += 1));
    });
    if (isSteady) {
      await passSteadily(answer, response);
    } else {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      await pipeline(answer, response);
    }
  };

  const proxy = await openProxy(typeof engine === 'string' ? () => engine : engine, async (passage, response) => {
    if (holdsAll) {
      return;
    }
    if (refuses(passage)) {
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
      await forward(passage, response);
    }
  });
  return {
    url: proxy.url,
    get open() {
      return proxy.open;
    },
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
    close: () => proxy.close(),
  };
}

async function passSteadily(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await bodyOf(answer)).toString('utf8').replace(/"execTime":[^,}]+/g, '"execTime":0.001');
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 502, headers).end(body);
}
