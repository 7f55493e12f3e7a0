/** Paths of Prometheus that take a form, so that long queries fit. */
const prometheusFormPaths = [
  'api/v1/query',
  'api/v1/query_range',
  'api/v1/series',
  'api/v1/labels',
  'api/v1/query_exemplars',
];

/**
 * Why Grafana's data source proxy answers a request with 403; undefined when it passes it on. `path` has no leading slash.
 * With `passesToLoki` as up to Grafana 12.3, which lets any method through to a Loki.
 */
export function refusalOf(type: string, method: string, path: string, passesToLoki = false): string | undefined {
  if (method === 'GET' || (passesToLoki && type === 'loki')) {
    return undefined;
  }
  if (type === 'prometheus' && method === 'POST' && prometheusFormPaths.includes(path)) {
    return undefined;
  }
  return `The data source proxy passes no ${method} on to ${type}/${path}`;
}

/** Splits `api/datasources/proxy/uid/<uid>/<path>?<query>`; undefined for any other address. */
export function parseProxyUrl(url: string): { uid: string; path: string; query: string } | undefined {
  const match = /^\/?api\/datasources\/proxy\/uid\/([^/?]+)\/([^?]*)(?:\?(.*))?$/s.exec(url);
  const [, uid, path, query = ''] = match ?? [];
  return uid === undefined || path === undefined ? undefined : { uid: decodeURIComponent(uid), path, query };
}
