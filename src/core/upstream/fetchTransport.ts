import { Observable } from 'rxjs';

import { UpstreamError } from './errors';
import { httpRequestOf } from './httpRequest';
import { errorOfFetch, type Transport, type TransportRequest } from './transport';

/** Where an upstream is. */
export interface Endpoint {
  /** Root of its HTTP API, with the path under which it is served, such as `https://logs.example.org/loki-gateway`. */
  url: string;
  /** Sent with each request, such as `Authorization` and `X-Scope-OrgID`; they go before a request's own. */
  headers?: Readonly<Record<string, string>>;
  /** Sends the requests where the host's own `fetch` cannot, such as to a server with a certificate of a private authority. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

/** Sends requests by the `fetch` of a browser or of Node, to upstreams by their names. Unsubscribing aborts the request. */
export function fetchTransport(endpoints: Readonly<Record<string, Endpoint>>): Transport {
  return (request) =>
    new Observable((subscriber) => {
      const controller = new AbortController();
      // Not Date.now(): clocks jump.
      const startedAt = performance.now();
      send(endpoints[request.uid], request, controller.signal).then(
        (body) => {
          subscriber.next(body);
          subscriber.complete();
        },
        (error: unknown) => subscriber.error(errorOfFetch(withCause(error), performance.now() - startedAt))
      );
      return () => controller.abort();
    });
}

async function send(endpoint: Endpoint | undefined, request: TransportRequest, signal: AbortSignal): Promise<unknown> {
  if (!endpoint) {
    throw new UpstreamError('configuration', `the address of the upstream "${request.uid}" is not known`);
  }
  const { method, path, params, headers, body } = httpRequestOf(request);
  const query = params.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
  const url = `${endpoint.url.replace(/\/+$/, '')}/${path}${query && `?${query}`}`;
  const allHeaders = new Headers(headers);
  Object.entries(endpoint.headers ?? {}).forEach(([name, value]) => allHeaders.set(name, value));
  const response = await (endpoint.fetch ?? fetch)(url, { method, headers: allHeaders, body, signal });
  const text = await response.text();
  if (!response.ok) {
    const { status, statusText } = response;
    throw { status, statusText, data: parsed(text, false) };
  }
  return parsed(text, /^application\/json\b/i.test(response.headers.get('content-type') ?? ''));
}

/** A body that says that it is JSON must be some; any other one may be. */
function parsed(text: string, isJson: boolean): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (isJson) {
      throw error;
    }
    return text;
  }
}

/** Node's `fetch` says no more than that it failed; its cause says why, which has no words but a code where several addresses failed. */
function withCause(error: unknown): unknown {
  const { cause } = (error ?? {}) as { cause?: unknown };
  return error instanceof TypeError && cause instanceof Error
    ? { message: `${error.message}: ${cause.message || String((cause as { code?: unknown }).code)}` }
    : error;
}
