/** @jest-environment node */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { firstValueFrom } from 'rxjs';

import { loopback } from '../lib/ports';
import { linesProcessedOf } from './loggedFetch';
import { type Core, openCore } from './openCore';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A core whose two engines are one server. */
async function coreOn(listener: RequestListener): Promise<Core> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((fulfil) => server.listen(0, loopback, fulfil));
  const url = `http://${loopback}:${(server.address() as AddressInfo).port}`;
  return openCore({ lokiUrl: url, prometheusUrl: `${url}/` });
}

const query = { uid: 'loki', method: 'GET', path: 'loki/api/v1/query', params: { query: '{a="b"}' } } as const;
const json = { 'content-type': 'application/json' };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((later) => setImmediate(later));
  }
}

it('notes an answer, and hands it on', async () => {
  const body = '{"data":{"result":[],"stats":{"summary":{"totalLinesProcessed":5}}}}';
  const core = await coreOn((_, response) => response.writeHead(200, json).end(body));
  await expect(firstValueFrom(core.transport(query))).resolves.toMatchObject({ data: { result: [] } });
  const [entry] = core.log.requests;
  expect(entry).toMatchObject({
    engine: 'loki',
    method: 'GET',
    path: 'loki/api/v1/query',
    status: 200,
    outcome: 'ok',
    bytes: body.length,
    linesProcessed: 5,
  });
  expect(entry?.parameters.get('query')).toBe('{a="b"}');
  expect(core.log.inFlight).toBe(0);
});

it('notes the parameters of a form, and an error', async () => {
  const core = await coreOn((request, response) => {
    request.resume();
    response.writeHead(422, json).end('{"status":"error","errorType":"execution","error":"no"}');
  });
  const form = { uid: 'prometheus', method: 'POST', path: 'api/v1/query', params: { query: 'up' } } as const;
  await expect(firstValueFrom(core.transport(form))).rejects.toThrow('HTTP 422: no');
  expect(core.log.requests).toHaveLength(1);
  expect(core.log.requests[0]).toMatchObject({
    engine: 'prometheus',
    path: 'api/v1/query',
    status: 422,
    outcome: 'error',
  });
  expect(core.log.requests[0]?.parameters.get('query')).toBe('up');
});

it('notes an answer that breaks off, and none at all', async () => {
  const core = await coreOn((request, response) => {
    if (request.url?.includes('gone')) {
      response.destroy();
    } else {
      response.writeHead(200, { ...json, 'content-length': '1000' }).write('{"data":', () => response.destroy());
    }
  });
  await expect(firstValueFrom(core.transport(query))).rejects.toThrow('no response');
  await expect(firstValueFrom(core.transport({ ...query, path: 'loki/gone' }))).rejects.toThrow('no response');
  expect(core.log.requests.map(({ outcome }) => outcome)).toEqual(['broken', 'error']);
  expect(core.log.inFlight).toBe(0);
});

it('notes what is called back, before the answer and within it', async () => {
  const core = await coreOn((request, response) => {
    if (request.url?.includes('begun')) {
      response.writeHead(200, json).write('{"data":');
    }
  });
  const begun = core.transport({ ...query, path: 'loki/begun' }).subscribe();
  const waiting = core.transport(query).subscribe();
  await until(() => core.log.requests[0]?.status === 200);
  [begun, waiting].forEach((subscription) => subscription.unsubscribe());
  await until(() => core.log.inFlight === 0);
  expect(core.log.requests.map(({ outcome }) => outcome)).toEqual(['aborted', 'aborted']);
  expect(core.log.peakInFlight).toBe(2);
});

describe('linesProcessedOf', () => {
  it("finds Loki's own figure, not one in a line", () => {
    const line = JSON.stringify('{"stats":{"summary":{"totalLinesProcessed":7}}}');
    const stats =
      '"stats":{"summary":{"bytesProcessedPerSecond":1,"totalLinesProcessed":42,"execTime":0.1},"store":{}}';
    expect(linesProcessedOf(`{"data":{"result":[{"values":[["1",${line}]]}],${stats}}}`)).toBe(42);
    expect(linesProcessedOf(`{"data":{"result":[{"values":[["1",${line}]]}]}}`)).toBeUndefined();
  });
});
