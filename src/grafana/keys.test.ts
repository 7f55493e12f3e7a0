import { dayMs } from '../core/domain/duration';
import { epoch, managerLine } from '../testing/arbitraries';
import { clusterWith, rowsOf } from '../testing/cluster';
import { type OscarQuery } from './types';

const range = { start: epoch, end: epoch + 2 * dayMs };

beforeEach(() => {
  jest.spyOn(Date, 'now').mockReturnValue(range.end + 10 * dayMs);
});
afterEach(() => jest.restoreAllMocks());

const requests = [
  { day: 0, service: 'a', user: 'ann@x', country: 'ES' },
  { day: 1, service: 'a', user: 'ann@x', country: 'PT' },
  { day: 1, service: 'b', user: 'ann@x', country: 'ES' },
  { day: 0, service: 'b', user: '=bob,ann@x', country: 'ES' },
];

const cluster = () =>
  clusterWith(
    requests.map(({ day, service, user, country }, index) => ({
      time: BigInt(epoch + day * dayMs + index + 1) * 1_000_000n,
      labels: { geoip_country_code: country },
      line: managerLine({ type: 'sync', service, user }, ''),
    }))
  );

type Target = Omit<OscarQuery, 'refId'>;
const byUser: Target = { queryType: 'breakdown', groupBy: 'user', columns: ['executions_count'] };
const frameOf = async (target: Target) => (await cluster().frames(target, range))[0];

it('shows the rows of one key, with the figures that they have among all', async () => {
  const all = rowsOf(await frameOf(byUser));
  expect(all.map(({ key }) => key)).toEqual(['ann@x', "'=bob,ann@x"]);
  expect(rowsOf(await frameOf({ ...byUser, keys: ['ann@x'] }))).toEqual([all[0]]);
  expect(rowsOf(await frameOf({ ...byUser, keys: ['gone', 'ann@x'] }))).toEqual([all[0]]);
});

it.each(['=bob,ann@x', "'=bob,ann@x"])('finds a key as it is or as its cell has it: %s', async (key) => {
  expect(rowsOf(await frameOf({ ...byUser, keys: [key] }))).toMatchObject([
    { key: "'=bob,ann@x", executions_count: 1 },
  ]);
});

it('takes a list that is empty as it is stored for all, and a name that nobody has for none', async () => {
  expect((await frameOf({ ...byUser, keys: [] }))?.length).toBe(2);
  expect((await frameOf({ ...byUser, keys: ['${user}'] }))?.length).toBe(0);
  expect((await frameOf({ ...byUser, keys: ['$__all'] }))?.length).toBe(0);
});

it('shows the services of a user, and those of a country', async () => {
  const ofUser = await frameOf({ queryType: 'metric', metric: 'requests-per-user', keys: ['ann@x'] });
  expect(rowsOf(ofUser).map(({ service, key, value }) => [service, key, value])).toEqual([
    ['a', 'ann@x', 2],
    ['b', 'ann@x', 1],
  ]);
  const ofCountry = await frameOf({ queryType: 'metric', metric: 'countries-list', keys: ['ES'] });
  expect(rowsOf(ofCountry).map(({ service, value }) => [service, value])).toEqual([
    ['b', 2],
    ['a', 1],
  ]);
  expect(rowsOf(await frameOf({ queryType: 'country', keys: ['PT'] }))).toMatchObject([
    { country: 'PT', request_count: 1, percentage: 25 },
  ]);
});

it.each<[Target, number[][]]>([
  [{ ...byUser, keys: ['ann@x'] }, [[1, 2]]],
  [{ queryType: 'country', columns: ['request_count'], keys: ['PT'] }, [[0, 1]]],
  [{ queryType: 'metric', metric: 'requests-per-user', keys: ['=bob,ann@x'] }, [[1, 0]]],
  [{ ...byUser, groupBy: 'service', columns: ['requests_count_total'], keys: ['ann@x'] }, []],
])('draws the series of %j', async (target, values) => {
  const frame = await frameOf({ ...target, format: 'timeseries', interval: 'day' });
  expect(frame?.fields.slice(1).map((field) => field.values)).toEqual(values);
  expect(frame?.length).toBe(values.length > 0 ? 2 : 0);
});

it.each<[object, RegExp]>([
  [{ keys: 'ann@x' }, /keys must be a list of strings/],
  [{ keys: [1] }, /keys must be a list of strings/],
  [{ keys: ['ann@x'], limit: 5 }, /keys cannot be combined with limit/],
  [
    { keys: ['a'], queryType: 'metric', metric: 'cpu-hours' },
    /metric cpu-hours has no keys.*requests-per-user and countries-list/,
  ],
  [{ keys: ['a'], queryType: 'metric' }, /metric \(all\) has no keys/],
  [{ keys: ['ann@x'], queryType: 'summary', groupBy: undefined, columns: undefined }, /valid for: breakdown, country/],
])('refuses %j and asks nothing', async (wrong, message) => {
  const { frames, asked } = cluster();
  await expect(frames({ ...byUser, ...wrong } as Target, range)).rejects.toThrow(message);
  expect(asked.size).toBe(0);
});
