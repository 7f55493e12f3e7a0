import { defer, of, throwError } from 'rxjs';

import { UpstreamError } from './errors';
import { Gate } from './gate';
import { gatedTransport } from './gatedTransport';
import { type TransportRequest } from './transport';

const policy = { retries: 0, firstDelayMs: 1000, longestDelayMs: 8000, random: () => 0 };

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('holds only the upstream that refused a request for its rate, also through a gate within a gate', () => {
  const sent: string[] = [];
  const bare = ({ uid }: TransportRequest) =>
    defer(() => {
      sent.push(uid);
      return uid === 'prometheus' ? throwError(() => new UpstreamError('rate', 'HTTP 429', 429)) : of({});
    });
  const transport = gatedTransport(bare, new Gate(3), policy);
  const usage = gatedTransport(transport, new Gate(2), policy);
  const request = (uid: string) => ({ uid, method: 'GET' as const, path: 'x', params: {} });
  const ask = (uid: string) => (uid === 'loki' ? transport : usage)(request(uid)).subscribe({ error: () => undefined });
  ask('prometheus');
  ask('prometheus');
  ask('loki');
  expect(sent).toEqual(['prometheus', 'loki']);
  jest.advanceTimersByTime(60_000);
  expect(sent).toEqual(['prometheus', 'loki', 'prometheus']);
});
