import { lastValueFrom, of, throwError } from 'rxjs';

import { connectionsOver } from '../../testing/connections';
import { dayMs } from '../domain/duration';
import { sourceNames } from '../domain/sources';
import { type UsageOptions } from '../options';
import { settingsFrom } from '../settings';
import { type Connections } from '../upstream/connections';
import { UpstreamError } from '../upstream/errors';
import { errorOfFetch, type TransportRequest } from '../upstream/transport';
import { checkRetention } from './checkRetention';
import { unreachable } from './reach';

const now = Date.parse('2026-11-02T10:00:00Z');

type Answer = (request: TransportRequest) => unknown;

const vector = { status: 'success', data: { resultType: 'vector', result: [] } };
const failure = (status: number) => () => errorOfFetch({ status, statusText: '', data: 'no' });
const limits = (retention: string, lookBack = '0s') => ({
  'loki/api/v1/drilldown-limits': () => ({ limits: { retention_period: retention, max_query_lookback: lookBack } }),
});
/** The first line, so many days ago. */
const firstLine = (daysAgo: number) => ({
  'loki/api/v1/query_range': () => ({
    status: 'success',
    data: { resultType: 'streams', result: [{ stream: {}, values: [[`${now - daysAgo * dayMs}000000`, 'x']] }] },
  }),
});
const samples = (retention: string | undefined, daysAgo: number) => ({
  'api/v1/status/runtimeinfo': () =>
    retention === undefined ? failure(404)() : { status: 'success', data: { storageRetention: retention } },
  'api/v1/status/tsdb/blocks': () => ({ status: 'success', data: { blocks: [{ minTime: now - daysAgo * dayMs }] } }),
  'api/v1/status/tsdb': () => ({ status: 'success', data: { headStats: { minTime: now } } }),
});

const good: Readonly<Record<string, Answer>> = {
  ...limits('4800h'),
  ...firstLine(40),
  ...samples('1y', 190),
  'loki/api/v1/series': () => ({ status: 'success', data: [{ app: 'oscar' }] }),
  'api/v1/query': () => vector,
};

function connectionsTo(answers: Readonly<Record<string, Answer>>): Connections {
  return connectionsOver((request) => {
    const answer = { ...good, ...answers }[request.path]?.(request);
    return answer instanceof Error ? throwError(() => answer) : of(answer);
  });
}

async function verdicts(answers: Readonly<Record<string, Answer>> = {}, options: UsageOptions = {}) {
  const all = await lastValueFrom(checkRetention(settingsFrom(options), connectionsTo(answers), now));
  expect(all.map(({ source }) => source)).toEqual(sourceNames);
  return Object.fromEntries(all.map(({ source, verdict, text }) => [source, `${verdict}: ${text}`]));
}

it('has a verdict for each source', async () => {
  const lines = 'yes: lines are kept for 200 days; the oldest line is from 2026-09-23T10:00:00.000Z (40 days ago)';
  const usage = 'yes: samples are kept for 365 days; the oldest sample is from 2026-04-26T10:00:00.000Z (190 days ago)';
  expect(await verdicts()).toEqual({
    'service-inventory': 'not-needed: only the present state is reported',
    'usage-cpu': usage,
    'usage-gpu': usage,
    'request-logs': lines,
    'exposed-request-logs': lines,
    'country-attribution': lines,
    'user-roster': 'not-needed: set in the options',
  });
});

it('says what to change where lines are kept for too short a time, or may not be asked for', async () => {
  expect(await verdicts(limits('720h'))).toMatchObject({
    'request-logs': expect.stringMatching(/^no: lines are kept for 30 days; .*; set retention_period: 4800h$/),
  });
  expect(await verdicts(limits('4800h', '30d'))).toMatchObject({
    'request-logs': expect.stringMatching(/^no: lines are kept for 30 days; .*; set max_query_lookback to 0/),
  });
  expect(await verdicts(limits('0s'))).toMatchObject({
    'request-logs': expect.stringMatching(/^yes: lines are kept without a limit/),
  });
});

it('does not guess where a Loki does not state its limits', async () => {
  const silent = { 'loki/api/v1/drilldown-limits': failure(404) };
  expect(await verdicts(silent)).toMatchObject({
    'request-logs': expect.stringMatching(/^unknown: it is unknown how long lines are kept; the oldest line/),
  });
  expect(await verdicts({ ...silent, ...firstLine(184) })).toMatchObject({
    'request-logs': expect.stringMatching(/^yes: it is unknown how long lines are kept; .*\(184 days ago\)/),
  });
  expect(await verdicts({ 'loki/api/v1/series': () => ({ status: 'success', data: [] }) })).toMatchObject({
    'request-logs': 'unknown: no stream matches {namespace="oscar", app="oscar"} in the last 30 days',
  });
});

it('says the same of samples', async () => {
  expect(await verdicts(samples('15d', 15))).toMatchObject({
    'usage-cpu': expect.stringMatching(
      /^no: samples are kept for 15 days; .*; set --storage.tsdb.retention.time=200d$/
    ),
  });
  expect(await verdicts(samples(undefined, 15))).toMatchObject({ 'usage-gpu': expect.stringMatching(/^unknown: /) });
});

it('asks nothing about exposed requests that are not configured', async () => {
  expect(await verdicts({}, { exposedSelector: '' })).toMatchObject({
    'exposed-request-logs': 'not-needed: not configured',
  });
});

describe('an upstream that does not answer', () => {
  const explain = jest.fn((upstream: string, error: unknown) => `${upstream}: ${(error as Error).message}`);
  const broken = (ways: Partial<Connections> = {}): Connections => ({
    ...connectionsTo({ 'loki/api/v1/series': failure(401) }),
    own: { explain },
    ...ways,
  });

  it('is named in the words of whoever made the connections', async () => {
    expect(await lastValueFrom(unreachable(settingsFrom({}), broken(), now))).toEqual([
      { upstream: 'Loki', problem: 'Loki: HTTP 401: no' },
    ]);
    const all = await lastValueFrom(checkRetention(settingsFrom({}), broken(), now));
    expect(all.find(({ source }) => source === 'request-logs')).toEqual({
      source: 'request-logs',
      verdict: 'unknown',
      text: 'Loki: HTTP 401: no',
    });
    expect(all.find(({ source }) => source === 'usage-cpu')?.verdict).toBe('yes');
  });

  it('may be one that nobody named', async () => {
    const prometheus = () => {
      throw new UpstreamError('configuration', 'no address');
    };
    expect(await lastValueFrom(unreachable(settingsFrom({}), broken({ prometheus }), now))).toContainEqual({
      upstream: 'Prometheus',
      problem: 'Prometheus: no address',
    });
    const all = await lastValueFrom(checkRetention(settingsFrom({}), broken({ prometheus }), now));
    expect(all.find(({ source }) => source === 'usage-cpu')).toMatchObject({
      verdict: 'unknown',
      text: 'Prometheus: no address',
    });
  });
});
