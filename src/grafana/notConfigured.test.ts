import { type DataFrame } from '@grafana/data';

import { type CompletenessEntry } from '../core/completeness/notices';
import { dayMs, hourMs } from '../core/domain/duration';
import { epoch, managerLine } from '../testing/arbitraries';
import { clusterWith, rowsOf } from '../testing/cluster';
import { type OscarOptions, type OscarQuery } from './types';

const range = { start: epoch, end: epoch + 2 * dayMs };

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(range.end + 10 * dayMs);
});
afterEach(() => jest.restoreAllMocks());

/** A request in each hour, so that the request logs are whole. */
const entries = Array.from({ length: 48 }, (_, hour) => ({
  time: BigInt(epoch + hour * hourMs + 1) * 1_000_000n,
  labels: { geoip_country_code: 'ES' },
  line: managerLine({ type: 'sync', service: 'a', user: 'u@x' }, ''),
}));

const withoutExposed: OscarOptions = { exposedSelector: '' };

const frameOf = async (target: Omit<OscarQuery, 'refId'>, options = withoutExposed) =>
  (await clusterWith(entries, options).frames(target, range))[0];

const entryOf = (frame: DataFrame | undefined, source: string) =>
  (frame?.meta?.custom?.completeness as CompletenessEntry[]).find((entry) => entry.source === source);

const notConfigured = { status: 'ok', coverage_percent: null, covered_from: null, covered_to: null };

it.each(['exposed-request-logs', 'user-roster'])('lists %s as ok and not configured', async (source) => {
  const frame = await frameOf({ queryType: 'completeness' });
  const row = rowsOf(frame).find((one) => one.source === source);
  expect(row).toMatchObject({ ...notConfigured, notes: 'not configured' });
  expect(entryOf(frame, source)).toMatchObject({
    ...notConfigured,
    notes: ['not configured'],
    missing: [],
    doubted: [],
  });
});

it('lists a roster and a selector that are there as before', async () => {
  const frame = await frameOf({ queryType: 'completeness' }, { roster: ['u@x'] });
  expect(entryOf(frame, 'user-roster')).toMatchObject({ status: 'ok', coverage_percent: 100, notes: [] });
  expect(entryOf(frame, 'exposed-request-logs')).toMatchObject({ coverage_percent: 100, notes: [] });
});

it.each<[Omit<OscarQuery, 'refId'>, string]>([
  [{ queryType: 'summary', columns: ['requests_count_total', 'requests_count_exposed'] }, 'requests_count_exposed'],
  [
    { queryType: 'breakdown', groupBy: 'service', columns: ['requests_count_total', 'requests_count_exposed'] },
    'requests_count_exposed',
  ],
  [{ queryType: 'metric', metric: 'requests-exposed-per-service' }, 'value'],
])('gives null and not 0 for %j, and no warning', async (target, column) => {
  for (const interval of [undefined, 'day'] as const) {
    const frame = await frameOf({ ...target, interval });
    const rows = rowsOf(frame);
    expect(rows).toHaveLength(interval ? 2 : 1);
    expect(rows.map((row) => [row[column], row.completeness])).toEqual(rows.map(() => [null, 'ok']));
    expect(frame?.meta?.notices).toEqual([]);
    expect(entryOf(frame, 'exposed-request-logs')).toMatchObject({ notes: ['not configured'] });
  }
});

it('draws nothing of it over time', async () => {
  const columns = ['requests_count_total', 'requests_count_exposed'];
  const frame = await frameOf({ queryType: 'summary', format: 'timeseries', interval: 'day', columns });
  const valuesOf = (type: string | undefined) => frame?.fields.find(({ labels }) => labels?.['type'] === type)?.values;
  expect(valuesOf('exposed')).toEqual([null, null]);
  expect(frame?.fields[1]?.values).toEqual([24, 24]);
});

it('withholds nothing where a minimum of coverage is asked for, and heeds no known gap of it', async () => {
  const knownGaps = [{ from: '2000-01-01', to: '2100-01-01', source: 'exposed-request-logs', note: 'moved' }];
  const columns = ['requests_count_total', 'requests_count_rejected'];
  const frame = await frameOf(
    { queryType: 'summary', columns, minimumCoveragePercent: 100 },
    { ...withoutExposed, knownGaps }
  );
  expect(rowsOf(frame)).toMatchObject([{ requests_count_total: 48, requests_count_rejected: 0, completeness: 'ok' }]);
});

it('is an error where all that is configured failed', async () => {
  const columns = ['cpu_hours_total', 'requests_count_exposed'];
  await expect(frameOf({ queryType: 'summary', columns })).rejects.toThrow(/^usage-cpu: /);
});
