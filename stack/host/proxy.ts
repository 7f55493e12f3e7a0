import { STATUS_CODES } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

import { type RequestLog, type UpstreamRequest } from '../lib/requestLog';
import { parseProxyUrl, refusalOf } from './proxyRules';
import { type PageFetch, type PageRequest, type PageResponse } from './wire';

/** A data source as the proxy knows it. */
export interface ProxyTarget {
  type: string;
  /** The engine's address; absent: nothing listens there. */
  upstreamUrl?: string;
}

export interface ProxySettings {
  target(uid: string): ProxyTarget | undefined;
  log: RequestLog;
  /** How long the engine may take until the first byte of its answer, in milliseconds. */
  firstByteTimeoutMs: number;
  /** Added before every request goes upstream, in milliseconds. */
  latencyMs: number;
  /** True for a Grafana that lets any method through to Loki, as 12.3. */
  passesToLoki?: boolean;
}

/** Grafana's server as far as the data source proxy goes: `api/datasources/proxy/uid/<uid>/…`; all else is 404. */
export function createProxyFetch(settings: ProxySettings): PageFetch {
  return async (url, request) => {
    const address = parseProxyUrl(url);
    if (!address) {
      if (/^https?:/.test(url)) {
        // Another origin: neither engine sends CORS headers, so the browser gives the page nothing.
        throw new TypeError('Failed to fetch');
      }
      return answer(url, 404, { message: 'Not found' });
    }
    const target = settings.target(address.uid);
    if (!target) {
      return answer(url, 404, { message: 'Unable to find datasource' });
    }

    const entry = settings.log.begin({
      uid: address.uid,
      engine: target.type,
      method: request.method,
      path: address.path,
      parameters: parametersOf(address.query, request),
      urlLength: address.path.length + 1 + address.query.length,
    });
    const refusal = refusalOf(target.type, request.method, address.path, settings.passesToLoki);
    if (refusal) {
      settings.log.end(entry, { outcome: 'refused', status: 403 });
      return answer(url, 403, { message: refusal });
    }
    const query = address.query === '' ? '' : `?${address.query}`;
    const upstreamUrl = target.upstreamUrl && `${target.upstreamUrl.replace(/\/$/, '')}/${address.path}${query}`;
    return forward(url, upstreamUrl, request, entry, settings);
  };
}

async function forward(
  url: string,
  upstreamUrl: string | undefined,
  request: PageRequest,
  entry: UpstreamRequest,
  settings: ProxySettings
): Promise<PageResponse> {
  const timer = new AbortController();
  let timeout: NodeJS.Timeout | undefined;
  try {
    if (settings.latencyMs > 0) {
      await delay(settings.latencyMs, undefined, { signal: request.signal });
    }
    if (upstreamUrl === undefined) {
      throw new TypeError('The data source has no URL');
    }
    timeout = setTimeout(() => timer.abort(), settings.firstByteTimeoutMs);
    const signal = AbortSignal.any([request.signal, timer.signal]);
    const upstream = await fetch(upstreamUrl, { ...request, signal });
    return upstream.status === 401
      ? await rejected(url, upstream, entry, settings)
      : relay(url, upstream, request.signal, entry, settings);
  } catch (error) {
    if (request.signal.aborted) {
      settings.log.end(entry, { outcome: 'aborted' });
      throw new DOMException('The user aborted a request.', 'AbortError');
    }
    const status = timer.signal.aborted ? 504 : 502;
    settings.log.end(entry, { outcome: 'error', status });
    return answer(url, status, '');
  } finally {
    clearTimeout(timeout);
  }
}

/** A 401 would log the user out of Grafana, so the proxy turns it into a 400. */
async function rejected(
  url: string,
  upstream: Response,
  entry: UpstreamRequest,
  settings: ProxySettings
): Promise<PageResponse> {
  await upstream.arrayBuffer();
  settings.log.end(entry, { outcome: 'error', status: 400 });
  return answer(url, 400, 'Authentication to data source failed');
}

/** Hands the answer on; the entry ends with its body. */
function relay(
  url: string,
  upstream: Response,
  signal: AbortSignal,
  entry: UpstreamRequest,
  settings: ProxySettings
): PageResponse {
  entry.status = upstream.status;
  // Nobody reads the body of what was called back at the very moment at which its head arrived.
  const abandon = () => settings.log.end(entry, { outcome: 'aborted' });
  signal.addEventListener('abort', abandon);
  signal.throwIfAborted();
  return {
    ...headOf(url, upstream.status),
    headers: upstream.headers,
    arrayBuffer: async () => {
      signal.throwIfAborted();
      signal.removeEventListener('abort', abandon);
      try {
        const body = await upstream.arrayBuffer();
        settings.log.end(entry, { outcome: upstream.ok ? 'ok' : 'error', bytes: body.byteLength });
        return body;
      } catch {
        settings.log.end(entry, { outcome: 'broken' });
        throw new TypeError('Failed to fetch');
      }
    },
  };
}

/** An answer of Grafana itself. */
function answer(url: string, status: number, body: string | { message: string }): PageResponse {
  const isText = typeof body === 'string';
  const bytes = new TextEncoder().encode(isText ? body : JSON.stringify(body));
  const headers = new Headers({ 'content-length': String(bytes.byteLength) });
  if (!isText) {
    headers.set('content-type', 'application/json; charset=UTF-8');
  }
  return { ...headOf(url, status), headers, arrayBuffer: async () => bytes.buffer.slice(0, bytes.byteLength) };
}

function headOf(url: string, status: number): Omit<PageResponse, 'headers' | 'arrayBuffer'> {
  return {
    ok: status >= 200 && status < 300,
    status,
    statusText: STATUS_CODES[status] ?? '',
    url,
    type: 'basic',
    redirected: false,
  };
}

function parametersOf(query: string, request: PageRequest): URLSearchParams {
  const parameters = new URLSearchParams(query);
  if (request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) {
    new URLSearchParams(request.body).forEach((value, key) => parameters.append(key, value));
  }
  return parameters;
}
