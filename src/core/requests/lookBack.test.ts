import fc from 'fast-check';

import { entries as someEntries, epoch, spanWithin, zone } from '../../testing/arbitraries';
import { type FakeLokiOptions } from '../../testing/fakeLoki';
import { expectExact, open } from '../../testing/ledgerFixtures';
import { hourMs } from '../domain/duration';
import { type Span, totalLength } from '../domain/span';
import { UpstreamError } from '../upstream/errors';

const hours = 60;
const end = epoch + hours * hourMs;

/** The canary that a Loki which does not state its limits is asked. */
const isCanary = (query = '') => / offset \d{10,}ms/.test(query);
const refusesCanary: FakeLokiOptions['fault'] = ({ params }) =>
  isCanary(params['query']) ? new UpstreamError('bad-request', 'no') : undefined;

const ways: ReadonlyArray<readonly [string, FakeLokiOptions]> = [
  ['states it', {}],
  ['shows it when it is asked', { statesLimits: false }],
];

describe.each(ways)('a look-back of a Loki that %s', (_, options) => {
  it('leaves nothing out without a word', async () => {
    await fc.assert(
      fc.asyncProperty(
        someEntries(hours),
        spanWithin(hours),
        zone,
        fc.constantFrom('day' as const, 'hour' as const),
        fc.integer({ min: 1, max: hours * 60 }),
        async (entries, span, name, granularity, minutes) => {
          const lookBack = { ms: minutes * 60_000, now: end };
          const { read } = open(entries, { ...options, lookBack }, () => end);
          expectExact(await read({ span, zone: name, granularity }), entries, span);
        }
      ),
      { numRuns: 60 }
    );
  });

  it('lets everything else be read, in few requests', async () => {
    const { missing, requests } = await readNinetyDays(options);
    expect(missing).toBeGreaterThanOrEqual(80 * 24);
    expect(missing).toBeLessThanOrEqual(80 * 24 + 2);
    expect(requests).toBeLessThan(30);
  });
});

/** Missing hours of 90 days, of which ten may be asked for. */
async function readNinetyDays(options: FakeLokiOptions) {
  const span: Span = { start: end - 90 * 24 * hourMs, end };
  const lookBack = { ms: 10 * 24 * hourMs + 1000, now: end };
  const { read, loki } = open([], { ...options, lookBack }, () => end);
  const view = await read({ span, zone: 'utc', granularity: 'day' });
  return { missing: totalLength(view.missing) / hourMs, requests: loki.requests.length };
}

it('reads what lies inside also where nothing but empty answers tells of the edge', async () => {
  const { missing, requests } = await readNinetyDays({ statesLimits: false, fault: refusesCanary });
  expect(missing).toBeGreaterThanOrEqual(79 * 24);
  expect(missing).toBeLessThanOrEqual(81 * 24);
  expect(requests).toBeLessThan(150);
});

it('asks nothing about times that may not be asked for, and says why', async () => {
  const span = { start: end - 30 * 24 * hourMs, end: end - 20 * 24 * hourMs };
  const { read, loki } = open([], { lookBack: { ms: 10 * 24 * hourMs, now: end } }, () => end);
  const { missing } = await read({ span, zone: 'utc', granularity: 'day' });
  expect(missing).toMatchObject([{ ...span, reason: { kind: 'too-old' } }]);
  expect(missing[0]?.reason.message).toMatch(/last 10 days.*max_query_lookback/);
  expect(loki.requests.map(({ path }) => path)).toEqual(['loki/api/v1/drilldown-limits']);
});

it('keeps what was read when it could be', async () => {
  let now = end;
  const lookBack = { ms: hours * hourMs, now };
  const { read } = open([], { lookBack }, () => now);
  const span = { start: epoch + 12 * hourMs, end: epoch + 24 * hourMs };
  expect((await read({ span, zone: 'utc', granularity: 'hour' })).missing).toEqual([]);
  now += 30 * hourMs;
  lookBack.now = now;
  expect((await read({ span, zone: 'utc', granularity: 'hour' })).missing).toEqual([]);
});

it('does not take an answer whose time went by while it was on its way', async () => {
  let now = end;
  const lookBack = { ms: 24 * hourMs, now };
  const { read } = open(
    [],
    {
      lookBack,
      fault: () => {
        now += 45 * 60_000;
        return undefined;
      },
    },
    () => now
  );
  const span = { start: end - 20 * hourMs, end: end - 10 * hourMs };
  const view = await read({ span, zone: 'utc', granularity: 'hour' });
  view.cells.forEach(({ start }) => expect(start).toBeGreaterThanOrEqual(now - 24 * hourMs - 45 * 60_000));
});
