import { type DataFrame } from '@grafana/data';
import fc from 'fast-check';

import { entries as someEntries, epoch, type KnownEntry, spanWithin } from '../testing/arbitraries';
import { clusterWith, rowsOf, type TestRow } from '../testing/cluster';
import { type OscarQuery } from './types';

const hours = 30;
const everything = { start: epoch, end: epoch + hours * 3_600_000 };

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(epoch + 40 * 86_400_000);
});
afterEach(() => jest.restoreAllMocks());

type Target = Omit<OscarQuery, 'refId'>;

const line = (user: string, service: string, country: string, index: number): KnownEntry => ({
  time: BigInt(epoch + 60_000 * (index + 1)) * 1_000_000n,
  labels: { geoip_country_code: country },
  line: `[GIN-EXECUTIONS-LOGGER] 2026-10-24T01:00:00Z | 200 | 1ms | 192.0.2.7 | POST    /run/${service} | ${user}`,
  meaning: undefined,
});

/** Service, users and country: `busy` has five members and a guest, `quiet` two members, `rare` one. */
const entries = [
  ...['u1@x', 'u2@x', 'u3@x', 'u4@x', 'u5@x', 'guest'].map((user) => [user, 'busy', 'ES'] as const),
  ...['u1@x', 'u2@x'].map((user) => [user, 'quiet', 'US'] as const),
  ['u3@x', 'rare', 'DE'] as const,
  ['nil', 'busy', 'ES'] as const,
  ['guest', 'busy', 'ES'] as const,
].map(([user, service, country], index) => line(user, service, country, index));

const ask = async (target: Target, smallestGroup = 3, options = {}) =>
  rowsOf((await clusterWith(entries, { smallestGroup, ...options }).frames(target, everything))[0]);

it('shows no users and no countries of services that few use', async () => {
  const rows = await ask({ queryType: 'breakdown', groupBy: 'service', includeUsers: true });
  expect(rows).toMatchObject([
    {
      key: 'busy',
      requests_count_total: 8,
      unique_users_count: 7,
      countries: 'ES:8',
      users: '(others)|nil|u1@x|u2@x|u3@x|u4@x|u5@x',
    },
    { key: 'quiet', requests_count_total: 2, unique_users_count: null, countries: '', users: '' },
    { key: 'rare', requests_count_total: 1, unique_users_count: null, countries: '', users: '' },
  ]);
  expect(await ask({ queryType: 'breakdown', groupBy: 'country' })).toMatchObject([
    { key: 'ES', executions_count: 8, unique_users_count: 7 },
    { key: 'US', executions_count: 2, unique_users_count: null },
    { key: 'DE', executions_count: 1, unique_users_count: null },
  ]);
});

it('hides the next smallest with a single one', async () => {
  expect(await ask({ queryType: 'breakdown', groupBy: 'service' }, 2)).toMatchObject([
    { key: 'busy', unique_users_count: 7 },
    { key: 'quiet', unique_users_count: null, countries: '' },
    { key: 'rare', unique_users_count: null, countries: '' },
  ]);
  // One external, one unknown, five members.
  expect(await ask({ queryType: 'membership' }, 2)).toMatchObject([
    { membership: 'member', users_count: 5, executions_count: 8 },
    { membership: 'external', users_count: null, executions_count: 1 },
    { membership: 'unknown', users_count: null, executions_count: 2 },
  ]);
});

/** Of the users with their requests, those whose membership enough share. */
const usersShown = [
  ['u1@x', 2],
  ['u2@x', 2],
  ['u3@x', 2],
  ['u4@x', 1],
  ['u5@x', 1],
  ['(others)', 3],
];

it('has rows by user only of those whose membership enough share', async () => {
  const rows = await ask({ queryType: 'breakdown', groupBy: 'user' });
  expect(rows.map(({ key, executions_count }) => [key, executions_count])).toEqual(usersShown);
  expect(rows[5]).toMatchObject({ membership: '', services_count: 1, countries: 'ES:3' });
  const limited = await ask({ queryType: 'breakdown', groupBy: 'user', limit: 2 });
  expect(limited.map(({ key, executions_count }) => [key, executions_count])).toEqual([
    ['u1@x', 2],
    ['u2@x', 2],
    ['(others)', 7],
  ]);
  // The single guest would be told by the others; `u5@x` is the smallest of the rest.
  const alone = await ask({ queryType: 'breakdown', groupBy: 'user' }, 3, {
    membershipRules: [
      { pattern: 'guest', membership: 'external' },
      { pattern: '', membership: 'member' },
    ].map((rule) => ({
      ...rule,
      pattern: rule.pattern || '.',
    })),
  });
  expect(alone.map(({ key }) => key)).toEqual(['u1@x', 'u2@x', 'u3@x', 'nil', 'u4@x', '(others)']);
});

it('says nothing more by metrics', async () => {
  const values = async (metric: OscarQuery['metric']) =>
    (await ask({ queryType: 'metric', metric })).map(({ service, key, value }) => [service, key, value]);
  expect(await values('users-per-service')).toEqual([
    ['busy', '', 7],
    ['quiet', '', null],
    ['rare', '', null],
  ]);
  expect(await values('countries-count')).toEqual([
    ['busy', '', 1],
    ['quiet', '', null],
    ['rare', '', null],
  ]);
  expect(await values('countries-list')).toEqual([['busy', 'ES', 8]]);
  expect(await values('requests-per-user')).toEqual([
    ...['u1@x', 'u2@x', 'u3@x', 'u4@x', 'u5@x'].map((user) => ['busy', user, 1]),
    ['(others)', '', 6],
  ]);
});

it('says nothing more by the summary of chosen services, and all of all services', async () => {
  expect(await ask({ queryType: 'summary', includeUsers: true, services: ['rare', 'quiet'] }, 4)).toMatchObject([
    { requests_count_total: 3, users_count: null, countries_count: null, countries: '', users: '' },
  ]);
  expect(await ask({ queryType: 'summary', includeUsers: true })).toMatchObject([
    { users_count: 7, countries_count: 3, users: '(others)|nil|u1@x|u2@x|u3@x|u4@x|u5@x' },
  ]);
});

it('holds over time, and says so', async () => {
  const graph = async (target: Target): Promise<DataFrame | undefined> =>
    (
      await clusterWith(entries, { smallestGroup: 3 }).frames(
        { ...target, format: 'timeseries', interval: 'day' },
        everything
      )
    )[0];
  const values = (frame: DataFrame | undefined) =>
    frame?.fields.slice(1).map(({ labels, values: [first] }) => [...Object.values(labels ?? {}), first]);
  expect(values(await graph({ queryType: 'breakdown', groupBy: 'user' }))).toEqual(usersShown);
  const people = await graph({ queryType: 'breakdown', groupBy: 'service', columns: ['unique_users_count'] });
  expect(values(people)).toEqual([
    ['busy', 7],
    ['quiet', null],
    ['rare', null],
  ]);
  expect(JSON.stringify(people?.meta?.notices)).toMatch(
    /users and countries of groups with fewer than 3 users are hidden/
  );
});

const targets: Target[] = [
  { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'membership' },
  { queryType: 'metric', metric: 'users-per-service' },
  { queryType: 'metric', metric: 'requests-per-user' },
];

const peopleIn = (row: TestRow) =>
  row.unique_users_count ?? row.users_count ?? (row.metric === 'users-per-service' ? row.value : undefined);

it('tells of no small group in any frame, with limits, periods and chosen services', async () => {
  await fc.assert(
    fc.asyncProperty(
      someEntries(hours, 40),
      spanWithin(hours),
      fc.integer({ min: 2, max: 5 }),
      fc.constantFrom(...targets),
      fc.constantFrom<Partial<Target>>(
        {},
        { limit: 2 },
        { interval: 'day' },
        { interval: 'hour', limit: 1 },
        { services: ['a', 'b'] }
      ),
      fc.constantFrom('full' as const, 'pseudonym' as const, 'hidden' as const),
      async (list, span, smallestGroup, target, more, users) => {
        const open = rowsOf((await clusterWith(list, { users }).frames({ ...target, ...more }, span))[0]);
        const rows = rowsOf(
          (await clusterWith(list, { users, smallestGroup }).frames({ ...target, ...more }, span))[0]
        );
        const sum = (all: readonly TestRow[], column: string) =>
          all.reduce((total, row) => total + Number(row[column] ?? 0), 0);
        // What is no number of people is there as before.
        for (const column of ['executions_count', 'requests_count_total', 'requests_count_async']) {
          expect(sum(rows, column)).toBe(sum(open, column));
        }
        const periods = new Set(rows.map(({ period }) => period));
        for (const period of periods) {
          const own = rows.filter((row) => row.period === period);
          const shown = own.map(peopleIn);
          expect(shown.filter((count) => typeof count === 'number' && count > 0 && count < smallestGroup)).toEqual([]);
          // A single one that is not told would be told by the total.
          const untold = own.filter((row) => peopleIn(row) === null);
          const others = own.filter((row) => Number(peopleIn(row) ?? 0) > 0);
          if (untold.length === 1) {
            expect(others).toEqual([]);
          }
          untold.forEach((row) => expect([row.countries ?? '', row.users ?? '']).toEqual(['', '']));
        }
      }
    ),
    { numRuns: 120 }
  );
});

it('has no row of a user whose membership too few share, and none who is alone among the others', async () => {
  await fc.assert(
    fc.asyncProperty(someEntries(hours, 40), fc.integer({ min: 2, max: 6 }), async (list, smallestGroup) => {
      const open = rowsOf((await clusterWith(list).frames({ queryType: 'breakdown', groupBy: 'user' }, everything))[0]);
      const rows = rowsOf(
        (await clusterWith(list, { smallestGroup }).frames({ queryType: 'breakdown', groupBy: 'user' }, everything))[0]
      );
      const sharing = (membership: unknown) => open.filter((row) => row.membership === membership).length;
      const named = rows.filter(({ key }) => key !== '(others)');
      named.forEach(({ membership }) => expect(sharing(membership)).toBeGreaterThanOrEqual(smallestGroup));
      const others = open.length - named.length;
      expect(others === 1 ? open.length : 1).toBe(1);
      // Nobody is left out who need not be.
      const small = open.filter(({ membership }) => sharing(membership) < smallestGroup).length;
      expect(others).toBe(small === 1 && open.length > 1 ? 2 : small);
    }),
    { numRuns: 30 }
  );
});
