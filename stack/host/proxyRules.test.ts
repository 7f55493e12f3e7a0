import { parseProxyUrl, refusalOf } from './proxyRules';

test.each([
  ['loki', 'GET', 'loki/api/v1/query', false],
  ['loki', 'POST', 'loki/api/v1/query', true],
  ['prometheus', 'GET', 'api/v1/status/tsdb', false],
  ['prometheus', 'POST', 'api/v1/query', false],
  ['prometheus', 'POST', 'api/v1/query_range', false],
  ['prometheus', 'POST', 'api/v1/admin/tsdb/delete_series', true],
  ['prometheus', 'PUT', 'api/v1/query', true],
  ['prometheus', 'DELETE', 'api/v1/series', true],
])('%s %s %s is refused: %s', (type, method, path, refused) => {
  expect(refusalOf(type, method, path) !== undefined).toBe(refused);
});

test('an older Grafana lets any method through to Loki, and to nothing else', () => {
  expect(refusalOf('loki', 'POST', 'loki/api/v1/push', true)).toBeUndefined();
  expect(refusalOf('loki', 'DELETE', 'loki/api/v1/delete', true)).toBeUndefined();
  expect(refusalOf('prometheus', 'POST', 'api/v1/admin/tsdb/delete_series', true)).toBeDefined();
});

test.each([
  ['/api/datasources/proxy/uid/p%201/api/v1/query?a=1&b=2', { uid: 'p 1', path: 'api/v1/query', query: 'a=1&b=2' }],
  ['api/datasources/proxy/uid/loki/ready', { uid: 'loki', path: 'ready', query: '' }],
  ['api/datasources/proxy/1/ready', undefined],
  ['api/health', undefined],
])('reads %s', (url, expected) => {
  expect(parseProxyUrl(url)).toEqual(expected);
});
