import { isDataUrl, requestOf, urlOf } from './wire';

const signal = new AbortController().signal;

describe('urlOf', () => {
  it('repeats arrays, keeps empty texts, leaves out undefined and empty arrays', () => {
    const params = { query: 'sum(a) > 1', match: ['a', 'b'], empty: '', none: undefined, nothing: [] };
    expect(urlOf({ url: 'api/x', params })).toBe('api/x?query=sum(a)%20%3E%201&match=a&match=b&empty=');
  });

  it('leaves an address without parameters alone', () => {
    expect(urlOf({ url: 'api/x', params: { none: undefined } })).toBe('api/x');
  });
});

describe('requestOf', () => {
  it('sends data as JSON unless the content type says otherwise', () => {
    const request = requestOf({ url: 'x', method: 'POST', data: { a: 1 } }, signal);
    expect(request.body).toBe('{"a":1}');
    expect(request.headers.get('content-type')).toBe('application/json');
  });

  it('sends a form', () => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const request = requestOf({ url: 'x', method: 'POST', headers, data: { query: 'a b', time: 1 } }, signal);
    expect(request.body).toBe('query=a+b&time=1');
  });
});

test.each([
  ['api/datasources/proxy/uid/loki/loki/api/v1/query', true],
  ['/api/ds/query', true],
  ['api/datasources/uid/loki', false],
])('%s is a data request: %s', (url, expected) => {
  expect(isDataUrl(url)).toBe(expected);
});
