import { defer, of, throwError } from 'rxjs';

import { UpstreamError } from './errors';
import { Gate } from './gate';
import { gatedTransport } from './gatedTransport';
import { engineOf, type TransportRequest } from './transport';

const policy = { retries: 0, firstDelayMs: 1000, longestDelayMs: 8000, random: () => 0 };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('holds only the engine that refused a request for its rate', () => {
  const sent: string[] = [];
  const bare = (request: TransportRequest) =>
    defer(() => {
      const engine = engineOf(request);
      sent.push(engine);
      return engine === 'prometheus' ? throwError(() => new UpstreamError('rate', 'HTTP 429', 429)) : of({});
    });
  const transport = gatedTransport(bare, new Gate(3), policy);
  const ask = (path: string) =>
    transport({ uid: 'x', method: 'GET', path, params: {} }).subscribe({ error: () => undefined });
  ask('api/v1/query');
  ask('api/v1/query');
  ask('loki/api/v1/query');
  expect(sent).toEqual(['prometheus', 'loki']);
  jest.advanceTimersByTime(60_000);
  expect(sent).toEqual(['prometheus', 'loki', 'prometheus']);
});
