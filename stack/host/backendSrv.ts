import { type BackendSrv, type BackendSrvRequest, type FetchResponse } from '@grafana/runtime';
import {
  catchError,
  filter,
  lastValueFrom,
  map,
  mergeMap,
  Observable,
  Subject,
  Subscription,
  takeUntil,
  throwError,
  throwIfEmpty,
} from 'rxjs';

import { FetchQueue } from './fetchQueue';
import { isDataUrl, isLocalUrl, type PageFetch, type PageResponse, readBody, requestOf, urlOf } from './wire';

/** The status that Grafana gives a request that a newer one with the same id has replaced. */
const cancelledStatus = -1;

interface ErrorData {
  message?: string;
  error?: unknown;
}

export interface BackendSrvSettings {
  fetch: PageFetch;
  /** Requests in flight for the whole page. */
  maxParallelRequests: number;
  orgId: number;
}

/**
 * `getBackendSrv()` as a data source meets it in Grafana: queue, cancellation by `requestId`, error shapes. Alerts and
 * the log-in check after a 401 are not part of it (the proxy never lets an upstream's 401 through).
 */
export class HostBackendSrv implements BackendSrv {
  private readonly queue: FetchQueue;
  private readonly started = new Subject<string>();

  constructor(private readonly settings: BackendSrvSettings) {
    this.queue = new FetchQueue(settings.maxParallelRequests);
  }

  /**
   * One response, then completion; sends only when subscribed to, and aborts when unsubscribed from. Errors with a
   * FetchError: `status` and `data.message` are set for an answer of the server; `cancelled` and `type: 'cancelled'`
   * for a replaced request; a TypeError with `data` and without `status` when there was no complete answer.
   */
  fetch<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    return new Observable((observer) => {
      const subscription = new Subscription();
      const release = this.queue.enqueue(isDataUrl(options.url) ? 'data' : 'api', () => {
        subscription.add(this.send<T>(options).subscribe(observer));
      });
      return () => {
        subscription.unsubscribe();
        release();
      };
    });
  }

  chunked(): Observable<FetchResponse<Uint8Array | undefined>> {
    return throwError(() => new Error('This host does not offer chunked(); use fetch().'));
  }

  datasourceRequest<T>(options: BackendSrvRequest): Promise<FetchResponse<T>> {
    return lastValueFrom(this.fetch<T>(options));
  }

  request<T>(options: BackendSrvRequest): Promise<T> {
    return lastValueFrom(this.fetch<T>(options).pipe(map((response) => response.data)));
  }

  get<T>(url: string, params?: BackendSrvRequest['params'], requestId?: string, options?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...options, method: 'GET', url, params, requestId });
  }

  post<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...options, method: 'POST', url, data });
  }

  put<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...options, method: 'PUT', url, data });
  }

  patch<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...options, method: 'PATCH', url, data });
  }

  delete<T>(url: string, data?: unknown, options?: Partial<BackendSrvRequest>) {
    return this.request<T>({ ...options, method: 'DELETE', url, data });
  }

  private send<T>(options: BackendSrvRequest): Observable<FetchResponse<T>> {
    if (options.requestId) {
      this.started.next(options.requestId);
    }
    amend(options, this.settings.orgId);

    return this.respond(options).pipe(
      mergeMap(async (response) => {
        // Grafana's types leave it to the caller to know the body's type.
        const data = (await readBody(response, options.responseType)) as T;
        const { ok, status, statusText, headers, url, type, redirected } = response;
        return { ok, status, statusText, headers, url, type, redirected, data, config: options };
      }),
      map((response) => {
        if (!response.ok) {
          const { status, statusText, data, config } = response;
          throw { status, statusText, data, config };
        }
        return response;
      }),
      catchError((error: object) => throwError(() => withErrorData(error))),
      takeUntil(this.started.pipe(filter((requestId) => requestId === options.requestId))),
      throwIfEmpty(() => ({
        type: 'cancelled',
        cancelled: true,
        data: null,
        status: cancelledStatus,
        statusText: 'Request was aborted',
        config: options,
      }))
    );
  }

  private respond(options: BackendSrvRequest): Observable<PageResponse> {
    return new Observable((observer) => {
      const controller = new AbortController();
      // As with rxjs' fromFetch, which Grafana uses: once the headers have arrived, nothing is aborted any more.
      let abortable = true;
      const signal = options.abortSignal
        ? AbortSignal.any([options.abortSignal, controller.signal])
        : controller.signal;
      this.settings.fetch(urlOf(options), requestOf(options, signal)).then(
        (response) => {
          abortable = false;
          observer.next(response);
          observer.complete();
        },
        (error) => {
          abortable = false;
          observer.error(error);
        }
      );
      return () => {
        if (abortable) {
          controller.abort();
        }
      };
    });
  }
}

/** Grafana changes the caller's own object, so a data source that sends one object twice has to survive it. */
function amend(options: BackendSrvRequest, orgId: number): void {
  options.retry ??= 0;
  if (isLocalUrl(options.url)) {
    options.headers = { ...options.headers, 'X-Grafana-Org-Id': orgId };
    options.url = options.url.replace(/^\//, '');
    if (options.headers.Authorization) {
      options.headers['X-DS-Authorization'] = options.headers.Authorization;
      delete options.headers.Authorization;
    }
  }
  options.hideFromInspector ??= isLocalUrl(options.url) && !isDataUrl(options.url);
}

/** Makes `data` an object with a message, whatever the server sent; an empty body takes the status text. */
function withErrorData(error: { data?: unknown; statusText?: string }): object {
  const raw = error.data ?? { message: 'Unexpected error' };
  const data: ErrorData =
    typeof raw === 'string' ? { message: raw, error: error.statusText, ...{ response: raw } } : (raw as ErrorData);
  if (!data.message && typeof data.error === 'string') {
    data.message = data.error;
  }
  return Object.assign(error, { data });
}
