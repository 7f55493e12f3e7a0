import { type BackendSrv, setBackendSrv } from '@grafana/runtime';
import { lastValueFrom, of, throwError } from 'rxjs';

import { retryTransient } from '../core/upstream/retry';
import { type TransportRequest } from '../core/upstream/transport';
import { grafanaTransport } from './transport';

describe('what is sent', () => {
  const sentFor = async (request: Partial<TransportRequest>) => {
    const sent: Array<{ params?: unknown; data?: unknown; headers?: Record<string, string> }> = [];
    setBackendSrv({
      fetch: (one: { params?: unknown }) => {
        sent.push(one);
        return of({ data: {} });
      },
    } as unknown as BackendSrv);
    const base = { uid: 'a', method: 'GET', path: 'api/v1/query', params: { query: 'q' } } as const;
    await lastValueFrom(grafanaTransport({ ...base, ...request }));
    return sent[0];
  };
  const moreParams = [
    ['extra_filters[]', '{a="1"}'],
    ['x', 'y'],
    ['extra_filters[]', '{b="2"}'],
    ['query', 'not this one'],
  ] as const;

  it('has every parameter that repeats, and no second one of its own', async () => {
    expect((await sentFor({ moreParams }))?.params).toEqual({
      'extra_filters[]': ['{a="1"}', '{b="2"}'],
      x: 'y',
      query: 'q',
    });
    const form = new URLSearchParams(String((await sentFor({ moreParams, method: 'POST' }))?.data));
    expect([...form]).toEqual([...moreParams.slice(0, 3).map((pair) => [...pair]), ['query', 'q']]);
  });

  it('says that no cache may answer, in words of the engine', async () => {
    const header = async (request: Partial<TransportRequest>) => (await sentFor(request))?.headers?.['Cache-Control'];
    expect(await header({ fresh: true, path: 'loki/api/v1/query_range' })).toBe('no-cache');
    expect(await header({ fresh: true, method: 'POST' })).toBe('no-cache, no-store');
    expect(await header({})).toBeUndefined();
  });
});

it('makes a fresh request for every attempt', async () => {
  const ids: Array<string | undefined> = [];
  setBackendSrv({
    fetch: (request: { requestId?: string }) => {
      ids.push(request.requestId);
      return throwError(() => ({ status: 503, statusText: '', data: '' }));
    },
  } as unknown as BackendSrv);
  const policy = { retries: 2, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };
  const request = { uid: 'a', method: 'GET' as const, path: 'loki/api/v1/labels', params: {} };
  await lastValueFrom(grafanaTransport(request).pipe(retryTransient(policy))).catch(() => undefined);
  expect(new Set(ids).size).toBe(3);
});
