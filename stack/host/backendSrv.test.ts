/** @jest-environment node */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { type BackendSrvRequest } from '@grafana/runtime';
import { firstValueFrom } from 'rxjs';

import { RequestLog } from '../lib/requestLog';
import { HostBackendSrv } from './backendSrv';
import { createProxyFetch } from './proxy';

const lokiUrl = 'api/datasources/proxy/uid/loki/loki/api/v1/query';
const prometheusUrl = '/api/datasources/proxy/uid/prometheus/api/v1/query';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function setUp(listener: RequestListener, settings: { firstByteTimeoutMs?: number; latencyMs?: number } = {}) {
  server = createServer(listener);
  await new Promise<void>((ready) => server?.listen(0, '127.0.0.1', ready));
  const upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const log = new RequestLog();
  const targets = new Map([
    ['loki', { type: 'loki', upstreamUrl }],
    ['prometheus', { type: 'prometheus', upstreamUrl }],
    // Port 1 is reserved and nobody listens there.
    ['gone', { type: 'loki', upstreamUrl: 'http://127.0.0.1:1' }],
  ]);
  const fetch = createProxyFetch({
    target: (uid) => targets.get(uid),
    log,
    firstByteTimeoutMs: settings.firstByteTimeoutMs ?? 600_000,
    latencyMs: settings.latencyMs ?? 0,
  });
  const backendSrv = new HostBackendSrv({ fetch, maxParallelRequests: 5, orgId: 1 });
  return { backendSrv, log, ask: (options: BackendSrvRequest) => firstValueFrom(backendSrv.fetch<unknown>(options)) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((later) => setImmediate(later));
  }
}

describe('answers', () => {
  it('parses JSON, reads chunks to the end and records the request', async () => {
    const { ask, log } = await setUp((request, response) => {
      response.setHeader('content-type', 'application/json; charset=UTF-8');
      response.write(`{"url":${JSON.stringify(request.url)},`);
      setTimeout(() => response.end('"stats":{"summary":{"totalLinesProcessed":5}}}'), 20);
    });
    const { data, status } = await ask({ url: lokiUrl, params: { query: '{a="b"}', limit: 1 } });
    expect(status).toBe(200);
    expect(data).toMatchObject({ url: '/loki/api/v1/query?query=%7Ba%3D%22b%22%7D&limit=1' });
    const [entry] = log.requests;
    expect(entry).toMatchObject({ engine: 'loki', status: 200, outcome: 'ok' });
    expect(entry?.bytes).toBeGreaterThan(80);
    expect(entry?.ms).toBeGreaterThanOrEqual(15);
    expect(log.inFlight).toBe(0);
  });

  it('leaves a text that is not JSON a text, as a truncated answer of Loki is', async () => {
    const { ask } = await setUp((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' }).end('{"status":"succ');
    });
    await expect(ask({ url: lokiUrl })).resolves.toMatchObject({ ok: true, data: '{"status":"succ' });
  });

  it('passes a form on to Prometheus', async () => {
    const { ask, log } = await setUp((request, response) => {
      let body = '';
      request.on('data', (chunk) => (body += chunk)).on('end', () => response.end(JSON.stringify({ body })));
    });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await ask({ url: prometheusUrl, method: 'POST', headers, data: { query: 'up' } });
    expect(answer.data).toEqual({ body: 'query=up' });
    expect(log.requests[0]?.parameters.get('query')).toBe('up');
  });
});

describe('errors', () => {
  const failing = (status: number, body: string): RequestListener => {
    return (_, response) => void response.writeHead(status).end(body);
  };

  it('shows the text of the engine as message', async () => {
    const { ask } = await setUp(failing(400, 'parse error'));
    await expect(ask({ url: lokiUrl })).rejects.toMatchObject({
      status: 400,
      statusText: 'Bad Request',
      data: { message: 'parse error', response: 'parse error' },
      config: { url: lokiUrl },
    });
  });

  it("takes Prometheus's error as message", async () => {
    const { ask } = await setUp(failing(422, '{"status":"error","errorType":"execution","error":"too many samples"}'));
    await expect(ask({ url: prometheusUrl })).rejects.toMatchObject({
      data: { errorType: 'execution', message: 'too many samples' },
    });
  });

  it('turns 401 into 400', async () => {
    const { ask } = await setUp(failing(401, 'no org id'));
    await expect(ask({ url: lokiUrl })).rejects.toMatchObject({
      status: 400,
      data: { message: 'Authentication to data source failed' },
    });
  });

  it('answers a refused connection with an empty 502', async () => {
    const { ask, log } = await setUp(failing(200, ''));
    await expect(ask({ url: 'api/datasources/proxy/uid/gone/ready' })).rejects.toMatchObject({
      status: 502,
      data: { message: 'Bad Gateway', response: '' },
    });
    expect(log.requests[0]).toMatchObject({ status: 502, outcome: 'error' });
  });

  it('answers a connection that ends before the answer with 502', async () => {
    const { ask } = await setUp((request) => request.socket.destroy());
    await expect(ask({ url: lokiUrl })).rejects.toMatchObject({ status: 502 });
  });

  it('answers a late first byte with an empty 504', async () => {
    const { ask } = await setUp(() => {}, { firstByteTimeoutMs: 50 });
    await expect(ask({ url: lokiUrl })).rejects.toMatchObject({
      status: 504,
      data: { message: 'Gateway Timeout', response: '' },
    });
  });

  it('does not limit the time of the body', async () => {
    let finish = () => {};
    const { ask, log } = await setUp(
      (_, response) => {
        response.write('[');
        finish = () => response.end(']');
      },
      { firstByteTimeoutMs: 600_000 }
    );
    // All but `setTimeout` and its counterpart, which the host uses itself.
    jest.useFakeTimers({
      doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setInterval'],
    });
    try {
      const answer = ask({ url: lokiUrl });
      // The status is known as soon as the head of the answer is there.
      await until(() => log.requests[0]?.status === 200);
      jest.advanceTimersByTime(1_200_000);
      finish();
      await expect(answer).resolves.toMatchObject({ data: [] });
    } finally {
      jest.useRealTimers();
    }
  });

  it('has no status when the connection breaks within the body', async () => {
    const { ask, log } = await setUp((request, response) => {
      response.write('{"data":');
      setTimeout(() => request.socket.destroy(), 20);
    });
    const error: unknown = await ask({ url: lokiUrl }).catch((reason) => reason);
    expect(error).toMatchObject({ message: 'Failed to fetch', data: { message: 'Unexpected error' } });
    expect(error).not.toHaveProperty('status');
    expect(log.requests[0]?.outcome).toBe('broken');
  });

  it('refuses POST to Loki with 403 and sends nothing', async () => {
    let received = 0;
    const { ask, log } = await setUp((_, response) => {
      received++;
      response.end();
    });
    await expect(ask({ url: lokiUrl, method: 'POST', data: {} })).rejects.toMatchObject({ status: 403 });
    expect(received).toBe(0);
    expect(log.requests[0]?.outcome).toBe('refused');
  });

  it('does not know other addresses', async () => {
    const { ask } = await setUp(failing(200, ''));
    await expect(ask({ url: '/api/health' })).rejects.toMatchObject({ status: 404 });
    await expect(ask({ url: 'api/datasources/proxy/uid/other/x' })).rejects.toMatchObject({ status: 404 });
    await expect(ask({ url: 'http://127.0.0.1:3100/ready' })).rejects.toMatchObject({ message: 'Failed to fetch' });
  });
});

describe('queue and cancellation', () => {
  it('has at most five requests in flight', async () => {
    const { ask, log } = await setUp((_, response) => void setTimeout(() => response.end('1'), 20));
    await Promise.all(Array.from({ length: 12 }, () => ask({ url: lokiUrl })));
    expect(log.requests).toHaveLength(12);
    expect(log.peakInFlight).toBe(5);
  });

  it('cancels the older request with the same id', async () => {
    let count = 0;
    const { ask } = await setUp((_, response) => {
      if (++count > 1) {
        response.end('"new"');
      }
    });
    const older = ask({ url: lokiUrl, requestId: 'A' });
    const verdict = expect(older).rejects.toMatchObject({ type: 'cancelled', cancelled: true, status: -1, data: null });
    await until(() => count === 1);
    await expect(ask({ url: lokiUrl, requestId: 'A' })).resolves.toMatchObject({ data: 'new' });
    await verdict;
  });

  it('aborts upstream when unsubscribed from', async () => {
    let closed = false;
    let received = false;
    const { backendSrv, log } = await setUp((request) => {
      received = true;
      request.on('close', () => (closed = true));
    });
    const subscription = backendSrv.fetch({ url: lokiUrl }).subscribe();
    await until(() => received);
    subscription.unsubscribe();
    await until(() => closed && log.requests[0]?.outcome === 'aborted');
    expect(log.inFlight).toBe(0);
  });

  it('never sends a request that was unsubscribed from while it waited', async () => {
    const { backendSrv, ask, log } = await setUp((_, response) => void setTimeout(() => response.end('1'), 30));
    const running = Array.from({ length: 5 }, () => ask({ url: lokiUrl }));
    backendSrv
      .fetch({ url: `${lokiUrl}_range` })
      .subscribe()
      .unsubscribe();
    const later = backendSrv.fetch({ url: `${lokiUrl}_range` }).subscribe();
    later.unsubscribe();
    await Promise.all(running);
    await ask({ url: lokiUrl });
    expect(log.requests.map(({ path }) => path)).toEqual(Array(6).fill('loki/api/v1/query'));
  });

  it('sends nothing before it is subscribed to, and again with every subscription', async () => {
    const { backendSrv, log } = await setUp((_, response) => void response.end('1'));
    const answers = backendSrv.fetch({ url: lokiUrl });
    expect(log.requests).toHaveLength(0);
    await firstValueFrom(answers);
    await firstValueFrom(answers);
    expect(log.requests).toHaveLength(2);
  });

  it('adds the latency that was asked for', async () => {
    const { ask, log } = await setUp((_, response) => void response.end('1'), { latencyMs: 40 });
    await ask({ url: lokiUrl });
    expect(log.requests[0]?.ms).toBeGreaterThanOrEqual(35);
  });
});
