import { type BackendSrvRequest } from '@grafana/runtime';

/** What the page sends: the part of the browser's `RequestInit` that Grafana uses. */
export interface PageRequest {
  method: string;
  headers: Headers;
  body?: string;
  signal: AbortSignal;
}

/** What the page receives. Reading the body rejects with a TypeError when the connection breaks, as in a browser. */
export interface PageResponse extends Pick<
  Response,
  'ok' | 'status' | 'statusText' | 'headers' | 'url' | 'type' | 'redirected'
> {
  arrayBuffer(): Promise<ArrayBuffer>;
}

/** Rejects only for what a browser's `fetch` rejects for: an abort (AbortError) or no response at all (TypeError). */
export type PageFetch = (url: string, request: PageRequest) => Promise<PageResponse>;

/** Addresses that Grafana's queue treats as data requests. */
export function isDataUrl(url: string): boolean {
  return /\/?api\/(datasources\/proxy|ds\/query|tsdb\/query)/.test(url);
}

/** Whether the address belongs to the Grafana server, not to another host. */
export function isLocalUrl(url: string): boolean {
  return !/^https?:/.test(url);
}

/**
 * The request's address with its parameters. An array becomes one parameter per element; undefined values and empty
 * arrays are left out, an empty text is kept.
 */
export function urlOf(options: BackendSrvRequest): string {
  const pairs = Object.entries<unknown>(options.params ?? {}).flatMap(([key, value]) => {
    if (value === undefined) {
      return [];
    }
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.map((item) => `${encodeURIComponent(key)}=${encodeURIComponent(String(item))}`);
  });
  return pairs.length > 0 ? `${options.url}?${pairs.join('&')}` : options.url;
}

/** Method, headers and body as Grafana sends them: data is JSON unless the content type says otherwise. */
export function requestOf(options: BackendSrvRequest, signal: AbortSignal): PageRequest {
  const method = (options.method ?? 'GET').toUpperCase();
  const headers = new Headers(options.headers);
  if (!headers.has('accept')) {
    headers.set('accept', 'application/json, text/plain, */*');
  }
  if (['POST', 'PUT', 'PATCH'].includes(method) && !headers.has('content-type')) {
    headers.set('content-type', 'application/json');
  }
  return { method, headers, body: bodyOf(options.data, isJson(headers)), signal };
}

function bodyOf(data: unknown, asJson: boolean): string | undefined {
  if (data === undefined || data === null || data === '') {
    return undefined;
  }
  if (typeof data === 'string') {
    return data;
  }
  if (asJson) {
    return JSON.stringify(data);
  }
  if (data instanceof URLSearchParams) {
    return data.toString();
  }
  // The browser's URLSearchParams joins an array's elements with commas; so a repeated form field needs a text body.
  return new URLSearchParams(Object.entries(data).map(([key, value]) => [key, String(value)])).toString();
}

/** True only for the bare content type: with a charset, as Loki sends it, Grafana does not insist on JSON. */
function isJson(headers: Headers): boolean {
  return headers.get('content-type')?.toLowerCase() === 'application/json';
}

/**
 * The body as Grafana gives it to a data source: without a declared type, text that is not JSON stays a text. Throws a
 * SyntaxError when the type is JSON and the body is not.
 */
export async function readBody(
  response: PageResponse,
  responseType: BackendSrvRequest['responseType']
): Promise<unknown> {
  const bytes = await response.arrayBuffer();
  const type = responseType ?? (isJson(response.headers) ? 'json' : undefined);
  if (type === 'arraybuffer') {
    return bytes;
  }
  if (type === 'blob') {
    return new Blob([bytes], { type: response.headers.get('content-type') ?? '' });
  }
  const text = new TextDecoder().decode(bytes);
  if (type === 'text') {
    return text;
  }
  if (type === 'json') {
    return response.headers.get('content-length') === '0' ? {} : JSON.parse(text);
  }
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
