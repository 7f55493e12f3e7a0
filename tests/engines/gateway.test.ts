import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';

import { repositoryRoot } from '../../stack/lib/repository';
import { startGateway } from './support/nginx';
import { openScratch, type Scratch } from './support/scratch';
import { type Served } from './support/served';

// The gateway of deploy/ as a real nginx, in front of a server that notes whatever reaches it.
let scratch: Scratch;
let upstream: Server;
let gateway: Served;
let seen: Array<{ method: string; url: string; headers: Record<string, unknown>; body: string }>;

beforeAll(async () => {
  scratch = await openScratch();
  upstream = createServer({ maxHeaderSize: 64_000 }, (incoming, answer) => {
    let body = '';
    incoming.on('data', (data: Buffer) => (body += data.toString()));
    incoming.on('end', () => {
      seen.push({ method: incoming.method ?? '', url: incoming.url ?? '', headers: incoming.headers, body });
      answer.end('reached');
    });
  });
  await new Promise<void>((fulfil) => upstream.listen(0, '127.0.0.1', fulfil));
  gateway = await startGateway(scratch.directory, `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
});

beforeEach(() => {
  seen = [];
});

afterAll(async () => {
  await gateway?.stop();
  upstream.closeAllConnections();
  upstream.close();
  await scratch?.close();
});

/** Ends a hang only. */
const answerMs = 20_000;

interface Attempt {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Sends a path as it is: fetch() would clean it up. */
function send(path: string, { method = 'GET', headers = {}, body }: Attempt = {}): Promise<number> {
  return new Promise((fulfil, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const outgoing = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      response.resume();
      response.on('end', () => fulfil(response.statusCode ?? 0));
    });
    outgoing.on('error', reject);
    outgoing.setTimeout(answerMs, () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)));
    outgoing.end(body);
  });
}

/** Sends bytes, and gives the status of the answer. */
function sendRaw(text: string): Promise<number> {
  return new Promise((fulfil, reject) => {
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname, () => socket.write(text));
    let answer = '';
    socket.on('data', (data) => (answer += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => fulfil(Number(/^HTTP\/1\.\d (\d+)/.exec(answer)?.[1] ?? 0)));
    // An answer may leave the connection open.
    socket.setTimeout(500, () => socket.destroy());
  });
}

const api = '/loki/api/v1';
const readable = [
  'query_range',
  'query',
  'series',
  'labels',
  'label/app/values',
  'index/stats',
  'index/volume',
  'index/volume_range',
  'patterns',
  'detected_labels',
  'detected_fields',
  'detected_field/user.id/values',
  'drilldown-limits',
  'status/buildinfo',
];

it.each(readable)('passes what Grafana asks: %s', async (path) => {
  expect(await send(`${api}/${path}?query=%7Bapp%3D%22oscar%22%7D`)).toBe(200);
  expect(seen.map(({ method, url }) => ({ method, url }))).toEqual([
    { method: 'GET', url: `${api}/${path}?query=%7Bapp%3D%22oscar%22%7D` },
  ]);
});

it('passes each path that the data source asks for', () => {
  const client = readFileSync(join(repositoryRoot, 'src/core/upstream/loki.ts'), 'utf8');
  const asked = [...client.matchAll(/'loki\/api\/v1\/([a-z/_-]+)'/g)].map(([, path]) => path ?? '');
  expect(asked.length).toBeGreaterThan(2);
  // Save & test tries these two, and warns where they get through.
  expect(asked.filter((path) => !readable.includes(path)).sort()).toEqual(['delete', 'push']);
});

it('passes long queries', async () => {
  expect(await send(`${api}/query_range?query=${'a'.repeat(20_000)}`)).toBe(200);
});

const attempts = (
  [
    ['a push', `${api}/push`, { method: 'POST', body: '{}' }],
    ['a push by GET', `${api}/push`],
    ['a push of OpenTelemetry', '/otlp/v1/logs', { method: 'POST', body: '{}' }],
    ['an old push', '/api/prom/push', { method: 'POST', body: '{}' }],
    ['a deletion', `${api}/delete?query=%7Bapp%3D%22oscar%22%7D&start=0`, { method: 'POST' }],
    ['a list of deletions', `${api}/delete`],
    ['the cancelling of a deletion', `${api}/delete?request_id=1`, { method: 'DELETE' }],
    [
      'a tail',
      `${api}/tail?query=%7Bapp%3D%22oscar%22%7D`,
      { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } },
    ],
    ['a tail without an upgrade', `${api}/tail`],
    ['an upgrade of a query', `${api}/query_range`, { headers: { Connection: 'Upgrade', Upgrade: 'websocket' } }],
    ['a query by POST', `${api}/query_range`, { method: 'POST', body: 'query=x' }],
    ['another method', `${api}/query_range`, { method: 'PATCH' }],
    ['a method of its own', `${api}/query_range`, { method: 'PROPFIND' }],
    ['an overridden method', `${api}/push`, { headers: { 'X-HTTP-Method-Override': 'POST' } }],
    ['the configuration', '/config'],
    ['metrics', '/metrics'],
    ['a flush', '/flush', { method: 'POST' }],
    ['a flush by GET', '/flush'],
    ['a shutdown', '/ingester/shutdown'],
    ['the ring', '/ring'],
    ['the log level', '/log_level?log_level=debug', { method: 'POST' }],
    ['rules', `${api}/rules`],
    ['rules of Prometheus', '/prometheus/api/v1/rules'],
    ['profiles', '/debug/pprof/heap'],
    ['the root', '/'],
    ['a path with dots', `${api}/query_range/../push`],
    ['a path with escaped dots', `${api}/query_range/%2e%2e/push`],
    ['a path with an escaped slash', `${api}/label/app%2f..%2f..%2fpush/values`],
    ['a path that dots make a query', `/ingester/..${api}/query_range`],
    ['two slashes', `//loki/api/v1/query_range`],
    ['two slashes inside', `/loki//api/v1/push`],
    ['an escaped letter', `/loki/api/v1/%70ush`],
    ['an escaped letter of a query', `/loki/api/v1/quer%79_range`],
    ['a path behind a query', `${api}/query_range/push`],
    ['a semicolon', `${api}/query_range;/../push`],
    ['a backslash', `${api}\\push`],
    ['a null', `${api}/push%00/query_range`],
    ['a line feed', `${api}/query_range%0a/push`],
    ['upper case', '/LOKI/api/v1/query_range'],
  ] satisfies Array<[string, string, Attempt?]>
)
  // Jest would take an absent argument for its callback.
  .map(([name, path, attempt]) => ({ name, path, attempt }));

it.each(attempts)('stops $name', async ({ path, attempt }) => {
  expect(await send(path, attempt)).toBeGreaterThanOrEqual(400);
  expect(seen).toEqual([]);
});

it('stops a body behind a GET', async () => {
  expect(await send(`${api}/query_range`, { headers: { 'Content-Length': '7' }, body: 'query=x' })).toBe(413);
  expect(seen).toEqual([]);
});

it('stops a second request that is hidden in the first', async () => {
  const push = `POST ${api}/push HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}`;
  const hidden = [
    `GET ${api}/labels HTTP/1.1\r\nHost: x\r\nContent-Length: ${push.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${push}`,
    `GET ${api}/labels HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n${push}`,
    `GET ${api}/labels HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: ${push.length}\r\n\r\n${push}`,
    `GET ${api}/labels HTTP/1.1\r\nHost: x\r\nX: a\r\n\tContent-Length: 3\r\n\r\n`,
    `GET ${api}/labels HTTP/0.9\r\n\r\n${push}`,
    `GET http://loki${api}/push HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    `CONNECT loki:3100 HTTP/1.1\r\nHost: x\r\n\r\n`,
  ];
  for (const text of hidden) {
    await sendRaw(text);
  }
  expect(seen.filter(({ method, url }) => method !== 'GET' || !/^\/loki\/api\/v1\/labels$/.test(url))).toEqual([]);
});

it('lets nobody choose a tenant or limits', async () => {
  await send(`${api}/labels`, { headers: { 'X-Scope-OrgID': 'other', 'X-Loki-Query-Limits': '{}' } });
  expect(seen.map(({ headers }) => [headers['x-scope-orgid'], headers['x-loki-query-limits']])).toEqual([
    ['fake', undefined],
  ]);
});
