import { type DataFrame, dateTime } from '@grafana/data';
import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { metricKeys } from '../core/domain/metricKeys';
import { digestBy } from '../core/domain/userTexts';
import { queryTypes } from '../core/query';
import { reports } from '../core/reports/registry';
import { entries as someEntries, epoch, type KnownEntry } from '../testing/arbitraries';
import { clusterWith, rowsOf, type TestRow } from '../testing/cluster';
import { type OscarOptions, type OscarQuery } from './types';
import { valueListNames } from './variables/valueLists';
import { type OscarVariableSupport } from './variables/variableSupport';

const hours = 30;
const span = { start: epoch, end: epoch + hours * 3_600_000 };
const readable = ['nil', 'oscar', 'minio', 'console'];

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(epoch + 40 * 86_400_000);
});
afterEach(() => jest.restoreAllMocks());

type Target = Omit<OscarQuery, 'refId'>;

const tables: Target[] = [
  ...queryTypes.flatMap((queryType): Target[] =>
    queryType === 'breakdown' ? [] : [{ queryType, includeUsers: true }]
  ),
  ...(['service', 'user', 'country'] as const).map((groupBy): Target => ({
    queryType: 'breakdown',
    groupBy,
    includeUsers: true,
  })),
  // Prometheus refuses everything here.
  ...metricKeys
    .filter((metric) => !metric.endsWith('-hours'))
    .map((metric): Target => ({ queryType: 'metric', metric })),
  { queryType: 'summary', includeUsers: true, interval: 'hour' },
  { queryType: 'breakdown', groupBy: 'user', interval: 'day' },
];

/** Every question that there is, as a table and over time. */
const questions: Target[] = [
  ...tables,
  ...tables.map((target): Target => ({ ...target, limit: 1 })),
  ...tables
    .filter(({ queryType, interval }) => reports[queryType].series && !interval)
    .map((target): Target => ({ ...target, format: 'timeseries', interval: 'day' })),
];

const breakdownByUser: Target = { queryType: 'breakdown', groupBy: 'user' };
const perUser: Target = { queryType: 'metric', metric: 'requests-per-user' };

/** A line that nobody understands, and that tells of somebody. */
const odd = (index: number): KnownEntry => ({
  time: BigInt(epoch + 3_600_000 * (index + 1)) * 1_000_000n,
  labels: {},
  line: `[GIN-EXECUTIONS-LOGGER] 2026-10-24T01:00:00Z | 200 | 1ms | 203.0.113.77 | by stranger@example.org | POST  x`,
  meaning: undefined,
});

const usersOf = (list: readonly KnownEntry[]) => [
  ...new Set(list.flatMap(({ meaning }) => (meaning && meaning.user !== '' ? [meaning.user] : []))),
];
const peopleOf = (list: readonly KnownEntry[]) => [
  ...usersOf(list).filter((user) => !readable.includes(user)),
  'stranger@example.org',
  '203.0.113.77',
  '127.0.0.1',
];

async function everything(list: readonly KnownEntry[], options: OscarOptions) {
  const cluster = clusterWith(list, options);
  const frames: DataFrame[][] = [];
  for (const target of questions) {
    frames.push(await cluster.frames(target, span));
  }
  const range = { from: dateTime(span.start), to: dateTime(span.end - 1) };
  const variables = cluster.dataSource.variables as OscarVariableSupport;
  for (const name of valueListNames) {
    const request = { requestId: 'V', range, timezone: 'utc', targets: [{ refId: 'V', list: name }] } as never;
    frames.push((await lastValueFrom(variables.query(request))).data as DataFrame[]);
  }
  return frames;
}

it.each(['pseudonym', 'hidden'] as const)('shows nobody where users are %s, whatever is asked', async (users) => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 20), async (list) => {
      const all = [...list, odd(1), odd(2)];
      const text = JSON.stringify(await everything(all, { users }));
      for (const person of peopleOf(all)) {
        expect(text).not.toContain(person);
      }
    }),
    { numRuns: 8 }
  );
});

it('has examples of lines in the report of completeness alone, and their form alone', async () => {
  const list = [odd(1), odd(2)];
  const cluster = clusterWith(list);
  for (const target of questions) {
    const text = JSON.stringify(await cluster.frames(target, span));
    expect(text).not.toMatch(/stranger|203\.0\.113/);
    expect([target, text.includes('"examples":')]).toEqual([target, target.queryType === 'completeness']);
  }
  const [frame] = await cluster.frames({ queryType: 'completeness' }, span);
  const form = '[GIN-EXECUTIONS-LOGGER] 2026-10-24T01:00:00Z | 200 | 1ms | … | … … | POST  …';
  expect(frame?.meta?.custom?.completeness).toContainEqual(
    expect.objectContaining({ source: 'request-logs', examples: [form] })
  );
});

/** The rows with ids in the place of pseudonyms, in the order of both. */
function renamed(rows: readonly TestRow[], names: ReadonlyMap<string, string>): TestRow[] {
  const name = (text: unknown) => (typeof text === 'string' ? (names.get(text) ?? text) : text);
  return rows.map(({ key, users, ...rest }) => ({
    ...rest,
    ...(key !== undefined && { key: name(key) }),
    ...(typeof users === 'string' && { users: users.split('|').map(name).sort().join('|') }),
  }));
}

const inAnyOrder = (rows: readonly TestRow[]) => rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();

it('counts the same with pseudonyms, which are those of the contract', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), fc.constantFrom('', 'salt'), async (list, usersSalt) => {
      const digest = digestBy(`oscar${usersSalt}`);
      const names = new Map(
        usersOf(list).flatMap((user) => (readable.includes(user) ? [] : [[digest(user).slice(0, 12), user]]))
      );
      const full = clusterWith(list);
      const expected: TestRow[][] = [];
      for (const target of tables) {
        expected.push(rowsOf((await full.frames(target, span))[0]));
      }
      const masked = clusterWith(list, { users: 'pseudonym', usersSalt });
      for (const [index, target] of tables.entries()) {
        const rows = rowsOf((await masked.frames(target, span))[0]);
        expect(inAnyOrder(renamed(rows, names))).toEqual(inAnyOrder(renamed(expected[index] ?? [], new Map())));
      }
    }),
    { numRuns: 10 }
  );
});

it('counts the same with hidden users, as one row', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), async (list) => {
      // Both ask the Loki of the second one, which holds the same.
      const [full, hidden] = [clusterWith(list), clusterWith(list, { users: 'hidden' })];
      const sums = (rows: readonly TestRow[], column: string) =>
        rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
      for (const target of tables) {
        const expected = rowsOf((await full.frames(target, span))[0]);
        const rows = rowsOf((await hidden.frames(target, span))[0]);
        const isByUser = target.groupBy === 'user' || target.metric === 'requests-per-user';
        if (isByUser) {
          expect(rows.every(({ key }) => key === '(users)' || key === '')).toBe(true);
          for (const column of ['executions_count', 'requests_count_sync', 'requests_count_async', 'value']) {
            expect(sums(rows, column)).toBe(sums(expected, column));
          }
        } else {
          const cleared = (row: TestRow) => ({ ...row, ...('users' in row && row.users !== null && { users: '' }) });
          expect(rows).toEqual(expected.map(cleared));
        }
      }
    }),
    { numRuns: 10 }
  );
});

it('makes one row and one series of hidden users, with what they did together', async () => {
  const line = (user: string, service: string) =>
    `[GIN-EXECUTIONS-LOGGER] 2026-10-24T01:00:00Z | 200 | 1ms | 192.0.2.7 | POST    /run/${service} | ${user}`;
  const list = [line('u1@egi.eu', 'a'), line('u2@egi.eu', 'a'), line('nil', 'b')].map((text, index) => ({
    time: BigInt(epoch + 1000 * (index + 1)) * 1_000_000n,
    line: text,
    labels: { geoip_country_code: index === 0 ? 'ES' : 'US' },
  }));
  const cluster = clusterWith(list, { users: 'hidden' });
  expect(rowsOf((await cluster.frames(breakdownByUser, span))[0])).toMatchObject([
    {
      key: '(users)',
      membership: '',
      executions_count: 3,
      requests_count_sync: 3,
      services_count: 2,
      countries: 'US:2|ES:1',
    },
  ]);
  expect(rowsOf((await cluster.frames(perUser, span))[0])).toMatchObject([
    { service: 'a', key: '(users)', value: 2 },
    { service: 'b', key: '(users)', value: 1 },
  ]);
  const [graph] = await cluster.frames({ ...breakdownByUser, format: 'timeseries', interval: 'day' }, span);
  expect(graph?.fields.slice(1).map(({ labels, values }) => [labels, values[0]])).toEqual([[{ user: '(users)' }, 3]]);
  expect(rowsOf((await cluster.frames({ queryType: 'membership' }, span))[0])).toMatchObject([
    { membership: 'member', users_count: 2, executions_count: 2 },
    { membership: 'external', users_count: 1, executions_count: 1 },
    { membership: 'unknown', users_count: 0, executions_count: 0 },
  ]);
});
