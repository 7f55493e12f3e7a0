import { dayMs, hourMs } from '../../src/core/domain/duration';
import { createHost } from '../../stack/host';
import { type UpstreamRequest } from '../../stack/lib/requestLog';
import { type Answer, ask, type OscarTarget } from './support/answers';
import { countedWindows, readTwice } from './support/countedWindows';
import { type MadeRequest, nanoseconds, pushRequests } from './support/lines';
import { countsOf, firstAndLast, type Interval, type Question, recount } from './support/recount';
import { openLoki, openScratch, type Scratch } from './support/scratch';

// Many days, or hours, are counted in one query, country by country (specs/decisions/0013).
const start = Date.parse('2025-06-01T00:00:00Z');
const days = 24;

/** The same users and services come back every few days; every tenth request at a full hour to the nanosecond, or one beside it. */
const requests: readonly MadeRequest[] = Array.from({ length: days * 500 }, (_, index): MadeRequest => {
  const ms = start + Math.floor((index * dayMs) / 500);
  const hour = start + Math.floor((index * 24) / 500) * hourMs;
  return {
    time: index % 10 === 0 ? nanoseconds(hour, (index / 10) % 3) : nanoseconds(ms, (index * 7919) % 1_000_000),
    type: index % 3 === 0 ? 'sync' : 'async',
    service: `service-${(index * 31) % 23}`,
    user: `user-${index % 3}@example.org`,
    country: ['ES', 'ES', 'ES', 'PT', 'PT', 'FR', 'DE', undefined, 'IT', 'AT'][(index * 7) % 10],
  };
});

let scratch: Scratch;
let lokiUrl: string;
let options: Record<string, unknown>;

beforeAll(async () => {
  scratch = await openScratch();
  ({ url: lokiUrl } = await openLoki(scratch.directory));
  options = await pushRequests(lokiUrl, 'tiles', requests);
});

afterAll(() => scratch?.close());

const isTile = ({ parameters }: UpstreamRequest) =>
  /sum by \(oscar_call.*oscar_metrics_none/s.test(parameters.get('query') ?? '');

async function askFor(targets: readonly OscarTarget[], range: Question) {
  const host = await createHost({ lokiUrl });
  const answers = await ask(host, host.createDataSource(options), targets, range);
  return { answers, requests: host.requests };
}

it.each([
  { timezone: 'utc', from: start, to: start + days * dayMs - 1 },
  { timezone: 'Asia/Kolkata', from: start + 1_234_567, to: start + days * dayMs - 7_654_321 },
])('counts $timezone days exactly, in fewer queries than days', async (range) => {
  const targets = targetsBy('day');
  const asked = await askFor(targets, range);
  expectRecount(asked.answers, { ...range, interval: 'day' });
  const tiles = asked.requests.filter(isTile);
  expect(tiles.filter(({ status }) => status === 200).length).toBeGreaterThan(2);
  expect(
    asked.requests.filter(({ parameters }) => parameters.get('query')?.includes('sum by (oscar_call')).length
  ).toBeLessThan(days);
  expect(readTwice(countedWindows(asked.requests))).toEqual([]);
});

it('counts hours exactly, many in a query', async () => {
  const range = { timezone: 'Europe/Madrid', from: start + 5 * dayMs + 999, to: start + 7 * dayMs };
  const asked = await askFor(targetsBy('hour'), range);
  expectRecount(asked.answers, { ...range, interval: 'hour' });
  expect(asked.requests.some(isTile)).toBe(true);
});

it('finds first and last use where a day has more keys than a query may have series', async () => {
  const range = { timezone: 'utc', from: start, to: start + days * dayMs - 1 };
  const { answers } = await askFor([{ queryType: 'services' }], range);
  const [seen = []] = answers.map(({ rows }) => rows);
  const times = new Map(seen.map(({ service, first_seen, last_seen }) => [service, [first_seen, last_seen]]));
  expect(times).toEqual(firstAndLast(requests, range));
});

function targetsBy(interval: Interval): OscarTarget[] {
  return [
    { queryType: 'breakdown', groupBy: 'user', interval },
    { queryType: 'country', interval },
    { queryType: 'metric', metric: 'requests-async-per-service', interval },
  ];
}

function expectRecount(answers: readonly Answer[], range: Question): void {
  const [users = [], countries = [], asynchronous = []] = answers.map(({ rows }) => rows);
  expect(countsOf(users, 'key', 'executions_count')).toEqual(recount(requests, range, ({ user }) => user));
  expect(countsOf(countries, 'country', 'request_count')).toEqual(
    recount(requests, range, ({ country }) => country ?? 'unknown')
  );
  expect(countsOf(asynchronous, 'service', 'value')).toEqual(
    recount(requests, range, ({ type, service }) => (type === 'async' ? service : undefined))
  );
}
