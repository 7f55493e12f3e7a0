import { dayMs, hourMs } from '../core/domain/duration';
import { UpstreamError } from '../core/upstream/errors';
import { epoch, type KnownEntry, managerLine, meaningOf } from '../testing/arbitraries';
import { clusterWith, rowsOf } from '../testing/cluster';
import { type OscarQuery } from './types';

const call = (hour: number): KnownEntry => {
  const request = { type: 'sync' as const, service: `s${hour % 3}`, user: `u${hour % 5}@egi.eu` };
  return {
    time: BigInt(epoch + hour * hourMs + 1) * 1_000_000n,
    labels: { geoip_country_code: 'ES' },
    line: managerLine(request, 'seconds'),
    meaning: meaningOf(request, 201, 'ES'),
  };
};
const entries = Array.from({ length: 9 * 24 }, (_, hour) => call(hour));
const refused = new UpstreamError('permission', 'HTTP 403: Access denied', 403);

const byUser: Omit<OscarQuery, 'refId'> = { queryType: 'breakdown', groupBy: 'user' };
const totals: Omit<OscarQuery, 'refId'> = { queryType: 'summary' };

beforeEach(() => {
  // Inside the range, so that its end is always asked for.
  jest.spyOn(Date, 'now').mockReturnValue(epoch + 9 * dayMs + 12 * hourMs);
});
afterEach(() => jest.restoreAllMocks());

const span = { start: epoch, end: epoch + 10 * dayMs };

function open() {
  const cluster = clusterWith(entries);
  const { loki } = cluster;
  const later = (ms: number) => {
    const now = Date.now() + ms;
    jest.spyOn(Date, 'now').mockReturnValue(now);
  };
  /** How many requests a query takes. */
  const cost = async () => {
    const before = loki.requests.length;
    const rows = rowsOf((await cluster.frames(byUser, span))[0]);
    return { rows, requests: loki.requests.length - before };
  };
  return { cluster, loki, later, cost };
}

it('shows nothing of what it kept when Loki refuses to be read, and keeps nothing', async () => {
  const { cluster, loki, later, cost } = open();
  const first = await cost();
  expect(first.rows).toHaveLength(5);
  later(60_000);
  const refresh = await cost();
  expect(refresh.requests).toBeLessThan(first.requests);

  later(60_000);
  loki.options = { fault: ({ path }) => (path.endsWith('query_range') ? refused : undefined) };
  await expect(cluster.frames(byUser, span)).rejects.toThrow(/request-logs: HTTP 403: Access denied/);
  later(60_000);
  const settled = { start: epoch, end: epoch + 2 * dayMs };
  await expect(cluster.frames(byUser, settled)).rejects.toThrow(/HTTP 403/);

  loki.options = {};
  later(60_000);
  const again = await cost();
  expect(again.rows).toEqual(first.rows);
  expect(again.requests).toBeGreaterThan(refresh.requests);
});

it('leaves the figures of Loki empty where other sources still answer', async () => {
  const { cluster, loki, later } = open();
  await cluster.frames(totals, span);
  later(60_000);
  loki.options = { fault: ({ path }) => (path.endsWith('query_range') ? refused : undefined) };
  const frames = await cluster.frames({ queryType: 'completeness' }, span);
  const rows = rowsOf(frames[0]).filter(({ source }) => String(source).endsWith('request-logs'));
  expect(rows).toMatchObject([
    { status: 'missing', coverage_percent: 0, notes: 'HTTP 403: Access denied' },
    { status: 'missing', coverage_percent: 0, notes: 'HTTP 403: Access denied' },
  ]);
  const sent = frames[0]?.meta?.executedQueryString ?? '';
  expect(sent).toMatch(/^request-logs: /m);
  expect(sent).not.toMatch(/from memory|read earlier/);
});

it('keeps what it read when only a question about limits is refused', async () => {
  const { loki, later, cost } = open();
  loki.options = { fault: ({ path }) => (/drilldown-limits/.test(path) ? refused : undefined) };
  const first = await cost();
  later(60_000);
  const refresh = await cost();
  expect(refresh.rows).toEqual(first.rows);
  expect(refresh.requests).toBeLessThan(first.requests);
});
