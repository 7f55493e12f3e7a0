import { type Param, type TransportRequest } from './transport';

/** A request as it goes over HTTP. */
export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Relative to the root of the upstream's API. */
  path: string;
  /** Parameters of the address, in their order; names may repeat. */
  params: readonly Param[];
  headers: Readonly<Record<string, string>>;
  /** Absent for a GET. */
  body?: string;
}

/** What a request looks like over HTTP, whoever sends it. A GET has its parameters in its address, a POST in its body. */
export function httpRequestOf(request: TransportRequest): HttpRequest {
  const { method, path, json, tenant } = request;
  const headers = { ...(tenant && { 'X-Scope-OrgID': tenant }), ...cacheHeader(request) };
  if (method === 'GET') {
    return { method, path, params: paramsOf(request), headers };
  }
  const [type, body] = json
    ? ['application/json', JSON.stringify(json)]
    : ['application/x-www-form-urlencoded', new URLSearchParams(paramsOf(request).map((pair) => [...pair])).toString()];
  return { method, path, params: [], headers: { 'Content-Type': type, ...headers }, body };
}

function paramsOf({ params, moreParams = [] }: TransportRequest): Param[] {
  return [...moreParams.filter(([name]) => params[name] === undefined), ...Object.entries(params)];
}

/** Loki wants this one word; Mimir and Cortex look for the other one. */
function cacheHeader({ fresh, path }: TransportRequest): Record<string, string> {
  return fresh ? { 'Cache-Control': path.startsWith('loki/') ? 'no-cache' : 'no-cache, no-store' } : {};
}
