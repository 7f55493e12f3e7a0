import { config, lastValueFrom, of, throwError, toArray } from 'rxjs';

import { FakeLoki, type FakeLokiOptions } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { hourMs } from '../domain/duration';
import { lengthOf } from '../domain/span';
import { requestFamily } from '../expr/logql';
import { UpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { defaultLimits } from '../upstream/learnedLimits';
import { LokiClient } from '../upstream/loki';
import { batchReader } from './batched';
import { loadSpans } from './countReader';
import { Estimate } from './estimate';
import { gridOf } from './grid';
import { KeyTable } from './keyTable';
import { splitReader } from './split';

const span = { start: 0, end: 48 * hourMs };
const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };

function load(options: FakeLokiOptions, transport?: LokiClient) {
  const loki = new FakeLoki([], options);
  const limits = defaultLimits();
  const source = {
    client: transport ?? new LokiClient(loki.transport, 'l', noRetries),
    family: requestFamily('{a="b"}', lineOptions),
    estimate: new Estimate(limits),
    now: () => 0,
  };
  const target = {
    grid: gridOf(span, 'utc', 'day'),
    table: new KeyTable(() => undefined, 'auth_method'),
    isFresh: false,
  };
  const readers = [batchReader(source), splitReader(source)];
  return { loki, events: () => lastValueFrom(loadSpans(readers, [span], target).pipe(toArray())) };
}

const failing = (kind: UpstreamErrorKind) => load({ fault: () => new UpstreamError(kind, kind) });

it.each(['configuration', 'authentication', 'permission', 'not-found', 'bad-request', 'unavailable'] as const)(
  'asks no more after %s, and says so for all that is left',
  async (kind) => {
    const { loki, events } = failing(kind);
    const all = await events();
    expect(loki.requests.length).toBeLessThanOrEqual(3);
    expect(all.every((event) => event.kind === 'missing' && event.missing.reason.kind === kind)).toBe(true);
    const lost = all.reduce((sum, event) => sum + (event.kind === 'missing' ? lengthOf(event.missing) : 0), 0);
    expect(lost).toBe(lengthOf(span));
  }
);

it('reads in shorter splits what takes too long, and gets everything', async () => {
  const fault: FakeLokiOptions['fault'] = ({ params }) =>
    Number(/\[(\d+)ms\]/.exec(params['query'] ?? '')?.[1]) > hourMs ? new UpstreamError('timeout', 'slow') : undefined;
  const all = await load({ fault }).events();
  expect(all.every(({ kind }) => kind === 'cell')).toBe(true);
});

it('reads in shorter splits what was cut off each time, as a write timeout of the engine does', async () => {
  const fault: FakeLokiOptions['fault'] = ({ params }) =>
    Number(/\[(\d+)ms\]/.exec(params['query'] ?? '')?.[1]) > hourMs ? new UpstreamError('malformed', 'cut') : undefined;
  const all = await load({ fault }).events();
  expect(all.every(({ kind }) => kind === 'cell')).toBe(true);
});

describe('answers that come at once', () => {
  const report = config.onUnhandledError;
  beforeAll(() => {
    config.onUnhandledError = () => undefined;
  });
  afterAll(() => {
    config.onUnhandledError = report;
  });
  /** After more tasks than anything that comes at once can need. */
  const never = async () => {
    for (let task = 0; task < 200; task += 1) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return 'never';
  };

  it('end the reading', async () => {
    const body = { status: 'success', data: { resultType: 'matrix', result: [] } };
    const client = new LokiClient(() => of(body), 'l', noRetries);
    expect(await Promise.race([load({}, client).events(), never()])).not.toBe('never');
  });

  it('end the reading when they are errors', async () => {
    const client = new LokiClient(() => throwError(() => new UpstreamError('unavailable', 'down')), 'l', noRetries);
    expect(await Promise.race([load({}, client).events(), never()])).not.toBe('never');
  });
});
