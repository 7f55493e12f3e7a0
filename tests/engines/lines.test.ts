import { hourMs } from '../../src/core/domain/duration';
import { createHost } from '../../stack/host';
import { type Answer, ask, type OscarTarget } from './support/answers';
import { countedWindows, readTwice } from './support/countedWindows';
import { type MadeRequest, nanoseconds, pushRequests } from './support/lines';
import { countsOf, firstAndLast, type Question, recount } from './support/recount';
import { openLoki, openScratch, type Scratch } from './support/scratch';

// Lines are read instead of counts where many different ones are near to each other (specs/decisions/0011).
const start = Date.parse('2025-06-14T22:00:00Z');
const hours = 10;

/** A crowd around midnight: 1 800 requests an hour, most by a user of their own; half of them on whole milliseconds and full hours. */
const crowd: readonly MadeRequest[] = Array.from({ length: hours * 1800 }, (_, index): MadeRequest => {
  const ms = start + index * 2000;
  return {
    time: nanoseconds(ms, index % 2 === 0 ? 0 : (index * 7919) % 2_000_000_000),
    type: index % 3 === 0 ? 'sync' : 'async',
    service: `service-${index % 41}`,
    user: `user-${index % 5000}@example.org`,
    country: ['ES', 'PT', 'FR', undefined][index % 4],
  };
});

/** Hours in which there is one line only. */
const sparse: readonly MadeRequest[] = Array.from({ length: 30 }, (_, index) => ({
  time: nanoseconds(start + (hours + index) * hourMs),
  type: 'sync',
  service: 'sparse',
  user: 'sparse@example.org',
}));
const requests = [...crowd, ...sparse];

const byUser: OscarTarget = { queryType: 'breakdown', groupBy: 'user' };
const byCountry: OscarTarget = { queryType: 'country' };
const perService: OscarTarget = { queryType: 'metric', metric: 'requests-async-per-service' };
const services: OscarTarget = { queryType: 'services' };
const targets = [byUser, byCountry, perService, services];

let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});

afterEach(() => scratch?.close());

it.each([
  ['at default limits', undefined],
  ['where an answer holds fewer lines', { max_query_series: 100, max_entries_limit_per_query: 700 }],
])('counts a crowd from its lines %s', async (name, limits) => {
  const { url: lokiUrl } = await openLoki(scratch.directory, limits);
  const options = await pushRequests(lokiUrl, name.replaceAll(' ', '-'), requests);
  const host = await createHost({ lokiUrl });
  const dataSource = host.createDataSource(options);
  const whole = { from: start, to: start + 40 * hourMs, timezone: 'utc' };
  expectRecount(await ask(host, dataSource, targets, whole), whole);
  const lines = host.requests.filter(({ parameters }) => parameters.get('query')?.includes('| keep '));
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.every(({ status }) => status === 200)).toBe(true);
  expect(readTwice(countedWindows(host.requests))).toEqual([]);
  // Other days, and ends between the lines.
  const ragged = { from: start + 1_234_567, to: start + 9 * hourMs - 1, timezone: 'Asia/Kolkata' };
  expectRecount(await ask(host, dataSource, targets, ragged), ragged);
});

it('is exact where Loki gives fewer lines than it counts', async () => {
  // Alone in their stream, at full hours to the nanosecond: Loki 3.7.6 lacks those that end a chunk (specs/decisions/0005).
  const punctual = Array.from({ length: hours }, (_, index): MadeRequest => ({
    time: nanoseconds(start + index * hourMs),
    type: 'sync',
    service: 'punctual',
    user: 'punctual@example.org',
    country: 'LU',
  }));
  const all = [...requests, ...punctual];
  const { url: lokiUrl } = await openLoki(scratch.directory);
  const options = await pushRequests(lokiUrl, 'punctual', all);
  const host = await createHost({ lokiUrl });
  const whole = { from: start, to: start + 20 * hourMs, timezone: 'utc' };
  expectRecount(await ask(host, host.createDataSource(options), targets, whole), whole, all);
  // Else this Loki lacks none, and the test shows nothing.
  expect(readTwice(countedWindows(host.requests))).not.toEqual([]);
});

function expectRecount(answers: readonly Answer[], range: Question, made = requests): void {
  const [users = [], countries = [], asynchronous = [], seen = []] = answers.map(({ rows }) => rows);
  expect(countsOf(users, 'key', 'executions_count')).toEqual(recount(made, range, ({ user }) => user));
  expect(countsOf(countries, 'country', 'request_count')).toEqual(
    recount(made, range, ({ country }) => country ?? 'unknown')
  );
  expect(countsOf(asynchronous, 'service', 'value')).toEqual(
    recount(made, range, ({ type, service }) => (type === 'async' ? service : undefined))
  );
  const times = new Map(seen.map(({ service, first_seen, last_seen }) => [service, [first_seen, last_seen]]));
  expect(times).toEqual(firstAndLast(made, range));
}
