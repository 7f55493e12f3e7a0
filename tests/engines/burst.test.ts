import { createHost } from '../../stack/host';
import { type Answer, ask, type OscarTarget } from './support/answers';
import { type MadeRequest, nanoseconds, pushRequests } from './support/lines';
import { countsOf, type Question, recount } from './support/recount';
import { openLoki, openScratch, type Scratch } from './support/scratch';

const limits = { max_query_series: 20, max_entries_limit_per_query: 100 };
const lineCount = 400;
const second = Date.parse('2025-06-15T12:30:00Z');

/** Users as they are logged: OIDC subjects of one issuer, UUIDs, plain names. */
const userForms: ReadonlyArray<(index: number) => string> = [
  (index) => `${hex(index, 64)}@egi.eu`,
  (index) => hex(index, 32).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
  (index) => `user-${index}@example.org`,
];

/** Digits that look random, so that neighbours differ in many places. */
function hex(index: number, length: number): string {
  let state = (index + 1) * 2_654_435_761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 28).toString(16);
  }).join('');
}

function manyUsers(timeOf: (index: number) => bigint, formOf: (index: number) => (index: number) => string) {
  return Array.from({ length: lineCount }, (_, index): MadeRequest => ({
    time: timeOf(index),
    type: index % 3 === 0 ? 'sync' : 'async',
    service: `service-${index % 7}`,
    user: formOf(index)(index),
    country: ['ES', 'PT', 'FR', undefined][index % 4],
  }));
}

/** A few requests just before and after the burst, which must not be drawn into it. */
const neighbours: readonly MadeRequest[] = [-1_000_001, -1_000_000, -999_999, 0, 1, 1_000_000, 1_000_001].map((ns) => ({
  time: nanoseconds(second, ns),
  type: 'sync',
  service: 'neighbour',
  user: `neighbour-${ns}`,
}));

const withinOneMs = (index: number) => nanoseconds(second, -index * 2_000);
const withinOneNs = () => nanoseconds(second);

const bursts: ReadonlyArray<{ name: string; requests: MadeRequest[] }> = [
  {
    name: 'within one millisecond, users of all forms',
    requests: manyUsers(withinOneMs, (index) => userForms[index % 3] ?? hexUser),
  },
  {
    name: 'within one millisecond, most of them at two nanoseconds',
    requests: manyUsers(
      (index) => (index < 20 ? withinOneMs(index) : nanoseconds(second, -(index % 2) * 500_001)),
      (index) => userForms[index % 3] ?? hexUser
    ),
  },
  ...userForms.map((form, index) => ({
    name: `within one nanosecond, users of form ${index + 1}`,
    requests: manyUsers(withinOneNs, () => form),
  })),
  {
    name: 'within one nanosecond, few users',
    requests: manyUsers(withinOneNs, () => (index) => `user-${index % 9}`),
  },
  {
    name: 'within one nanosecond, to exposed services',
    requests: Array.from({ length: lineCount }, (_, index) => ({
      time: withinOneNs(),
      type: 'exposed',
      service: `notebook-${index}`,
      user: '',
    })),
  },
];

function hexUser(index: number): string {
  return hex(index, 32);
}

const byUser: OscarTarget = { queryType: 'breakdown', groupBy: 'user' };
const byCountry: OscarTarget = { queryType: 'country' };
const exposed: OscarTarget = { queryType: 'metric', metric: 'requests-exposed-per-service' };

/** Ranges by data source: what is read in the smallest pieces at once, and what is cut down to them. */
const rangesOfDataSources: readonly Question[][] = [
  [
    { from: second, to: second, timezone: 'utc' },
    { from: second - 1, to: second - 1, timezone: 'utc' },
    { from: second - 1, to: second + 1, timezone: 'utc' },
  ],
  [{ from: second - 3 * 3_600_000, to: second + 3 * 3_600_000, timezone: 'utc' }],
];

let scratch: Scratch;
let lokiUrl: string;

beforeAll(async () => {
  scratch = await openScratch();
  lokiUrl = (await openLoki(scratch.directory, limits)).url;
});

afterAll(() => scratch?.close());

it.each(bursts)('counts 400 lines $name, at most 20 series and 100 lines an answer', async ({ name, requests }) => {
  const all = [...requests, ...neighbours];
  const options = await pushRequests(lokiUrl, name.replaceAll(/\W+/g, '-'), all);
  const host = await createHost({ lokiUrl });
  for (const ranges of rangesOfDataSources) {
    const dataSource = host.createDataSource(options);
    for (const range of ranges) {
      expectRecount(await ask(host, dataSource, [byUser, byCountry, exposed], range), all, range);
    }
  }
});

function expectRecount(answers: readonly Answer[], all: readonly MadeRequest[], range: Question): void {
  const [users = [], countries = [], services = []] = answers.map(({ rows }) => rows);
  // A source without any line is called silent, which is all right here; nothing may be unread.
  const unread = answers
    .flatMap(({ completeness }) => completeness)
    .filter(({ source, missing }) => source.endsWith('request-logs') && missing.some(({ kind }) => kind !== 'silent'));
  expect(unread).toEqual([]);
  const manager = all.filter(({ type }) => type !== 'exposed');
  const ingress = all.filter(({ type }) => type === 'exposed');
  expect(countsOf(users, 'key', 'executions_count')).toEqual(recount(manager, range, ({ user }) => user));
  expect(countsOf(countries, 'country', 'request_count')).toEqual(
    recount(manager, range, ({ country }) => country ?? 'unknown')
  );
  expect(countsOf(services, 'service', 'value')).toEqual(recount(ingress, range, ({ service }) => service));
}
