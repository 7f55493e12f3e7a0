import { lastValueFrom, of, throwError } from 'rxjs';

import { UpstreamError } from './errors';
import { Refusals } from './refusals';
import { type TransportRequest } from './transport';

const request = (path: string, purpose?: string): TransportRequest => ({
  uid: 'a',
  method: 'GET',
  path,
  params: {},
  ...(purpose && { purpose }),
});

function open(error?: UpstreamError) {
  const forgotten: string[] = [];
  const refusals = new Refusals(({ path }) => forgotten.push(path));
  const transport = refusals.watched(() => (error ? throwError(() => error) : of('body')));
  const ask = (path: string, purpose?: string) =>
    lastValueFrom(transport(request(path, purpose))).catch((reason: UpstreamError) => reason.message);
  return { forgotten, refusals, ask };
}

it.each([
  ['loki/api/v1/query_range', 'request-logs', 'loki'],
  ['loki/api/v1/series', 'request-logs', 'loki'],
  ['api/v1/query', 'usage-cpu', 'prometheus'],
  ['api/v1/query_range', 'usage-gpu', 'prometheus'],
] as const)('takes a 403 to %s for a refusal to be read', async (path, purpose, engine) => {
  const { forgotten, refusals, ask } = open(new UpstreamError('permission', 'HTTP 403', 403));
  const since = { loki: refusals.since('loki'), prometheus: refusals.since('prometheus') };
  expect(await ask(path, purpose)).toBe('HTTP 403');
  expect(forgotten).toEqual([path]);
  expect(since[engine]()?.message).toBe('HTTP 403');
  expect(since[engine === 'loki' ? 'prometheus' : 'loki']()).toBeUndefined();
  // What begins afterwards is judged anew.
  expect(refusals.since(engine)()).toBeUndefined();
});

it.each<[string, string | undefined, UpstreamError | undefined]>([
  ['loki/api/v1/drilldown-limits', undefined, new UpstreamError('permission', 'HTTP 403', 403)],
  ['loki/api/v1/index/stats', 'request-logs', new UpstreamError('permission', 'HTTP 403', 403)],
  ['api/v1/status/tsdb', undefined, new UpstreamError('permission', 'HTTP 403', 403)],
  ['api/v1/query', undefined, new UpstreamError('permission', 'HTTP 403', 403)],
  ['loki/api/v1/query_range', 'request-logs', new UpstreamError('unavailable', 'HTTP 503', 503)],
  ['loki/api/v1/query_range', 'request-logs', undefined],
])('goes on as before after %s for %s with %s', async (path, purpose, error) => {
  const { forgotten, refusals, ask } = open(error);
  const since = refusals.since('loki');
  await ask(path, purpose);
  expect(forgotten).toEqual([]);
  expect(since()).toBeUndefined();
});
