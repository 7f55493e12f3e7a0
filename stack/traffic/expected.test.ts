import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { expectedByCountry, expectedByService, expectedByUser, expectedSummary } from './expected';
import { createParameters } from './parameters';
import type { HourOfTraffic, RequestFact } from './timeline';
import { loadTruth, type Truth } from './truth';
import { createTruthWriter } from './truthWriter';

const start = Date.parse('2026-06-15T10:00:00Z');
const minute = start / 60_000;
const range = { from: start, to: start + 3_600_000 };

const request = (fact: Partial<RequestFact>): RequestFact => ({
  minute,
  service: 'a',
  type: 'sync',
  user: 'u1',
  country: 'ES',
  outcome: 'succeeded',
  ...fact,
});

const hour: HourOfTraffic = {
  start,
  entries: [],
  requests: [
    request({}),
    request({}),
    request({ type: 'async', country: 'US', minute: minute + 59 }),
    request({ service: 'Has_Caps', user: '' }),
    request({ service: 'b', country: '', user: 'u2', minute: minute + 1 }),
    request({ service: 'b', country: 'DE', user: 'u2', minute: minute + 1, outcome: 'failed' }),
    request({ service: 'b', user: 'oscar', country: 'FR', outcome: 'rejected' }),
    request({ service: 'wp-login', user: 'oscar', country: '', outcome: 'rejected' }),
  ],
  exposed: [
    { minute, service: 'c', country: '', outcome: 'succeeded' },
    { minute, service: 'nobody', country: '', outcome: 'rejected' },
  ],
};

describe('a truth file', () => {
  let directory: string;
  let truth: Truth;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'truth-'));
    const file = join(directory, 'truth.ndjson.gz');
    const writer = await createTruthWriter(file, createParameters({ days: 1 }));
    await writer.addHour(hour);
    await writer.addHour({ ...hour, start: range.to, requests: [request({ minute: minute + 60 })], exposed: [] });
    await writer.addUsage([
      { hourStart: start, service: 'd', kind: 'knative', cpuSeconds: 3_600, gpuSeconds: 900 },
      { hourStart: start, service: 'd', kind: 'job', cpuSeconds: 3_600, gpuSeconds: 900 },
      { hourStart: start, service: '(unattributed)', kind: 'puller', cpuSeconds: 36, gpuSeconds: 0 },
    ]);
    await writer.end({ activeServices: ['a', 'z'], entries: 42, hasUsage: true });
    truth = await loadTruth(file);
  });
  afterAll(() => rm(directory, { recursive: true }));

  it('gives the summary', () => {
    expect(expectedSummary(truth, range)).toEqual({
      services_count_active: 2,
      services_count_total: 4,
      cpu_hours_total: 2.01,
      gpu_hours_total: 0.5,
      requests_count_total: 6,
      requests_count_sync: 5,
      requests_count_async: 1,
      requests_count_exposed: 1,
      countries_count: 3,
      countries: 'ES:3|DE:1|US:1',
      users_count: 3,
      attribution_percent: (100 * 5) / 6,
      users: '(none)|u1|u2',
      requests_count_rejected: 3,
      requests_count_failed: 1,
    });
  });

  it('gives the rows by service', () => {
    const rows = expectedByService(truth, range);
    expect(rows.map(({ key, requests_count_total }) => [key, requests_count_total])).toEqual([
      ['a', 3],
      ['b', 2],
      ['(invalid)', 1],
      ['(unattributed)', 0],
      ['c', 0],
      ['d', 0],
      ['(rejected)', 0],
    ]);
    expect(rows[0]).toMatchObject({
      requests_count_async: 1,
      unique_users_count: 1,
      countries: 'ES:2|US:1',
      cpu_hours: 0,
    });
    expect(rows[1]).toMatchObject({ requests_count_failed: 1, requests_count_rejected: 0 });
    expect(rows[4]).toMatchObject({ requests_count_exposed: 1, users: '' });
    expect(rows[5]).toMatchObject({ cpu_hours: 2, gpu_hours: 0.5 });
    expect(rows[6]).toEqual({
      key: '(rejected)',
      requests_count_total: 0,
      requests_count_sync: 0,
      requests_count_async: 0,
      requests_count_exposed: 0,
      unique_users_count: 0,
      countries: '',
      cpu_hours: 0,
      gpu_hours: 0,
      users: '',
      requests_count_rejected: 3,
      requests_count_failed: 0,
    });
  });

  it('knows the usage by kind of pod', () => {
    expect([...truth.usage()].map(({ service, kind, cpuSeconds }) => [service, kind, cpuSeconds])).toEqual([
      ['d', 'knative', 3_600],
      ['d', 'job', 3_600],
      ['(unattributed)', 'puller', 36],
    ]);
  });

  it('counts rejected requests with the others where that is asked for', () => {
    expect(expectedSummary(truth, range, undefined, 'count')).toMatchObject({
      requests_count_total: 8,
      requests_count_exposed: 2,
      requests_count_rejected: 3,
      services_count_total: 6,
      users: '(none)|oscar|u1|u2',
    });
    const rows = expectedByService(truth, range, ['b', 'nobody'], 'count');
    expect(rows.map(({ key, requests_count_rejected }) => [key, requests_count_rejected])).toEqual([
      ['b', 1],
      ['nobody', 1],
    ]);
  });

  it('gives the rows by user and by country', () => {
    expect(expectedByUser(truth, range)).toEqual([
      expect.objectContaining({ key: 'u1', executions_count: 3, services_count: 1, countries: 'ES:2|US:1' }),
      expect.objectContaining({ key: 'u2', executions_count: 2, services_count: 1, countries: 'DE:1' }),
      expect.objectContaining({ key: '(none)', executions_count: 1, services_count: 0 }),
    ]);
    expect(expectedByCountry(truth, range)).toEqual([
      { key: 'ES', executions_count: 3, unique_users_count: 2 },
      { key: 'DE', executions_count: 1, unique_users_count: 1 },
      { key: 'US', executions_count: 1, unique_users_count: 1 },
      { key: 'unknown', executions_count: 1, unique_users_count: 1 },
    ]);
  });

  it('restricts to services and to the minutes of the range', () => {
    expect(expectedSummary(truth, range, ['b'])).toMatchObject({
      requests_count_total: 2,
      services_count_active: 0,
      requests_count_rejected: null,
      requests_count_failed: 1,
    });
    expect(expectedByService(truth, range, ['b'])).toHaveLength(1);
    const firstMinute = { from: start, to: start + 60_000 };
    expect(expectedByUser(truth, firstMinute).map(({ executions_count }) => executions_count)).toEqual([2, 1]);
    expect(() => expectedByService(truth, firstMinute)).toThrow('whole hours');
    expect(() => expectedByUser(truth, { from: start + 1, to: range.to })).toThrow('whole minutes');
  });

  it('has nothing to attribute where nothing happened', () => {
    const empty = expectedSummary(truth, { from: 0, to: 3_600_000 });
    expect(empty).toMatchObject({
      requests_count_total: 0,
      attribution_percent: null,
      countries: '',
      cpu_hours_total: 0,
    });
  });

  it('is refused when it was cut off', async () => {
    const file = join(directory, 'cut.ndjson.gz');
    const header = JSON.stringify({ format: 'oscar-metrics-truth', version: 2, parameters: {} });
    await writeFile(file, gzipSync(`${header}\n["user","u1"]\n`));
    await expect(loadTruth(file)).rejects.toThrow('not complete');
  });
});
