import { type BackendSrvRequest, getBackendSrv } from '@grafana/runtime';
import { catchError, defer, map, type Observable, throwError } from 'rxjs';

import { type HttpRequest, httpRequestOf } from '../core/upstream/httpRequest';
import { errorOfFetch, type Transport, type TransportRequest } from '../core/upstream/transport';

let lastRequestNumber = 0;

/** The one place that talks to Grafana's HTTP: its data source proxy, by the uid of an existing data source. */
export const grafanaTransport: Transport = (request) => defer(() => send(request));

function send(sent: TransportRequest): Observable<unknown> {
  const { method, path, params, headers, body } = httpRequestOf(sent);
  lastRequestNumber += 1;
  // A fresh object per attempt, because the query inspector edits it; a request id of its own, because Grafana cancels
  // the older of two requests with the same id.
  const request: BackendSrvRequest = {
    url: `/api/datasources/proxy/uid/${encodeURIComponent(sent.uid)}/${path}`,
    method,
    requestId: `oscar-metrics-${lastRequestNumber}`,
    showErrorAlert: false,
    showSuccessAlert: false,
    hideFromInspector: true,
    headers: { ...headers },
    ...(body === undefined ? { params: grouped(params) } : { data: body }),
  };
  // Not Date.now(): clocks jump.
  const startedAt = performance.now();
  return getBackendSrv()
    .fetch<unknown>(request)
    .pipe(
      map((response) => response.data),
      catchError((error: unknown) => throwError(() => errorOfFetch(error, performance.now() - startedAt)))
    );
}

/** Grafana writes a list as a parameter that repeats. */
function grouped(params: HttpRequest['params']): Record<string, string | string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of params) {
    byName.set(name, [...(byName.get(name) ?? []), value]);
  }
  return Object.fromEntries(
    [...byName].map(([name, [first = '', ...rest]]) => [name, rest.length > 0 ? [first, ...rest] : first])
  );
}
