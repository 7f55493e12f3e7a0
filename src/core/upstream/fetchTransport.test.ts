import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';

import { lastValueFrom } from 'rxjs';

import { type UpstreamError } from './errors';
import { type Endpoint, fetchTransport } from './fetchTransport';
import { type TransportRequest } from './transport';

interface Received {
  method?: string;
  url?: string;
  headers: IncomingMessage['headers'];
  body: string;
}

let server: Server;
let url: string;
let received: Received[] = [];
let answer: (response: ServerResponse) => void;

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const { method, url: path, headers } = request;
      received.push({ method, url: path, headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

beforeEach(() => {
  received = [];
  answer = (response) => response.end('{"a":1}');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const question: TransportRequest = { uid: 'logs', method: 'GET', path: 'loki/api/v1/query', params: { query: 'q&a' } };
const ask = (request: Partial<TransportRequest> = {}, endpoint: Partial<Endpoint> = {}) =>
  lastValueFrom(fetchTransport({ logs: { url: `${url}/gateway/`, ...endpoint } })({ ...question, ...request }));
const problem = (request?: Partial<TransportRequest>, endpoint?: Partial<Endpoint>): Promise<UpstreamError> =>
  ask(request, endpoint).then(
    () => Promise.reject(new Error('it succeeded')),
    (error: UpstreamError) => error
  );

it('sends a GET with its parameters in the address, and gives the parsed body', async () => {
  const moreParams = [
    ['extra[]', '1'],
    ['extra[]', '2'],
    ['query', 'not this one'],
  ] as const;
  expect(await ask({ moreParams })).toEqual({ a: 1 });
  expect(received).toMatchObject([
    { method: 'GET', url: '/gateway/loki/api/v1/query?extra%5B%5D=1&extra%5B%5D=2&query=q%26a', body: '' },
  ]);
});

it('sends a POST with its parameters, or its JSON, in the body', async () => {
  await ask({ method: 'POST' });
  await ask({ method: 'POST', json: { streams: [] } });
  expect(received).toMatchObject([
    { url: '/gateway/loki/api/v1/query', body: 'query=q%26a' },
    { url: '/gateway/loki/api/v1/query', body: '{"streams":[]}' },
  ]);
  expect(received.map(({ headers }) => headers['content-type'])).toEqual([
    'application/x-www-form-urlencoded',
    'application/json',
  ]);
});

it('sends the headers of the endpoint before those of the request', async () => {
  const headers = { authorization: 'Bearer secret', 'x-scope-orgid': 'mine' };
  await ask({ tenant: 'fake', fresh: true }, { headers });
  await ask({ tenant: 'fake' });
  expect(received.map((one) => one.headers)).toMatchObject([
    { ...headers, 'cache-control': 'no-cache' },
    { 'x-scope-orgid': 'fake' },
  ]);
});

it.each<[string, number, string, string, object]>([
  [
    'series-limit',
    400,
    'text/plain',
    'maximum of series (500) reached for a single query',
    { limit: 500, status: 400 },
  ],
  ['bad-request', 400, 'application/json', '{"status":"error","error":"invalid parameter \\"query\\""}', {}],
  ['unavailable', 502, 'text/html', '<html></html>', { message: 'HTTP 502: Bad Gateway' }],
  ['rate', 429, 'text/plain', 'too many', {}],
])('has the error %s for %i with %s', async (kind, status, type, body, more) => {
  answer = (response) => response.writeHead(status, { 'Content-Type': type }).end(body);
  expect(await problem()).toMatchObject({ kind, tookMs: expect.any(Number), ...more });
});

it('gives a text as it is, and refuses a body that says that it is JSON and is none', async () => {
  answer = (response) => response.end('ready');
  expect(await ask()).toBe('ready');
  answer = (response) => response.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8' }).end('{"a":');
  expect((await problem()).kind).toBe('malformed');
});

it('has no answer of an upstream that hangs up, is not there, or is not known', async () => {
  answer = (response) => response.destroy();
  expect(await problem()).toMatchObject({ kind: 'timeout', status: undefined });
  answer = (response) => {
    response.writeHead(200, { 'Content-Length': '100' }).write('{');
    setTimeout(() => response.destroy(), 20);
  };
  expect(await problem()).toMatchObject({ kind: 'timeout', status: undefined });
  expect(await problem({}, { url: 'http://127.0.0.1:1' })).toMatchObject({ kind: 'timeout' });
  expect(await problem({ uid: 'other' })).toMatchObject({ kind: 'configuration' });
});

it('aborts the request when nobody waits for it any more', async () => {
  const closed = new Promise<void>((resolve) => {
    answer = (response) => response.on('close', resolve);
  });
  const subscription = fetchTransport({ logs: { url } })(question).subscribe();
  while (received.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  subscription.unsubscribe();
  await closed;
});
