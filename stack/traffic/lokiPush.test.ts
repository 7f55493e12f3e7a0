import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createLokiPusher } from './lokiPush';

interface Body {
  streams: Array<{ stream: Record<string, string>; values: Array<[string, string]> }>;
}

const stream = (app: string) => ({ labels: { app }, key: JSON.stringify({ app }) });
const hour = Date.parse('2026-06-15T10:00:00Z');

describe('createLokiPusher', () => {
  let server: Server;
  let url: string;
  let answers: number[];
  let bodies: Body[];

  beforeEach(async () => {
    answers = [];
    bodies = [];
    server = createServer((request, response) => {
      let text = '';
      request.on('data', (part) => (text += part));
      request.on('end', () => {
        const status = answers.shift() ?? 204;
        if (status === 204) {
          bodies.push(JSON.parse(text) as Body);
        }
        response.writeHead(status).end(status === 204 ? undefined : 'no');
      });
    });
    await new Promise<void>((fulfil) => server.listen(0, '127.0.0.1', fulfil));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((fulfil) => server.close(fulfil)));

  it('keeps each stream in order and loses nothing, also when Loki is busy at first', async () => {
    answers = [429, 503];
    const pusher = createLokiPusher(url);
    await pusher.add(hour, [
      { offsetNanoseconds: 1, stream: stream('one'), line: 'with "quotes"' },
      { offsetNanoseconds: 2, stream: stream('two'), line: 'x'.repeat(1_100_000) },
    ]);
    await pusher.add(hour, [{ offsetNanoseconds: 3, stream: stream('one'), line: 'later' }]);
    await pusher.end();
    const one = bodies.flatMap(({ streams }) => streams).filter(({ stream: labels }) => labels.app === 'one');
    expect(one.flatMap(({ values }) => values)).toEqual([
      [`${hour}000001`, 'with "quotes"'],
      [`${hour}000003`, 'later'],
    ]);
    expect(bodies).toHaveLength(2);
  });

  it('gives up at once when Loki refuses the lines themselves', async () => {
    answers = [400];
    const pusher = createLokiPusher(url);
    await pusher.add(hour, [{ offsetNanoseconds: 1, stream: stream('one'), line: 'a' }]);
    await expect(pusher.end()).rejects.toThrow('Loki rejected lines after 1 attempt: 400 no');
  });
});
