import { createHost } from '../../stack/host';
import { type Answer, ask, type OscarTarget } from './support/answers';
import { type MadeRequest, millisecondOf, nanoseconds, pushRequests } from './support/lines';
import { countsOf, type Question, recount } from './support/recount';
import { openLoki, openScratch, type Scratch } from './support/scratch';

const limits = { max_query_series: 20, max_entries_limit_per_query: 500 };
const lineCount = 400;
const tooManyLines = 600;
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

function manyUsers(
  timeOf: (index: number) => bigint,
  formOf: (index: number) => (index: number) => string,
  length = lineCount
) {
  return Array.from({ length }, (_, index): MadeRequest => ({
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

interface Burst {
  name: string;
  requests: MadeRequest[];
}

/** As many lines as one answer may hold, or fewer. */
const bursts: readonly Burst[] = [
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
];

/** More than can be read of one millisecond, which is then missing from the source. */
const unreadableBursts: ReadonlyArray<Burst & { source: string }> = [
  {
    name: 'within one nanosecond, more lines than an answer holds',
    source: 'request-logs',
    requests: manyUsers(withinOneNs, () => hexUser, tooManyLines),
  },
  {
    name: 'within one nanosecond, to exposed services',
    source: 'exposed-request-logs',
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

it.each(bursts)('counts 400 lines $name, at most 20 series and 500 lines an answer', async ({ name, requests }) => {
  const all = [...requests, ...neighbours];
  for await (const { answers, range } of answersAbout(name, all, rangesOfDataSources)) {
    expect(unreadSpans(answers)).toEqual([]);
    expectRecount(answers, all, range);
  }
});

it.each(unreadableBursts)('misses one millisecond and no more of lines $name', async ({ name, requests, source }) => {
  const all = [...requests, ...neighbours];
  const isRead = (request: MadeRequest) =>
    (request.type === 'exposed') !== (source === 'exposed-request-logs') || millisecondOf(request) !== second;
  // Nothing at all is known of a range that is this millisecond alone.
  const longer = rangesOfDataSources.map((ranges) => ranges.filter(({ from, to }) => to > from));
  for await (const { answers, range } of answersAbout(name, all, longer)) {
    const instant = new Date(second).toISOString();
    expect(new Set(unreadSpans(answers))).toEqual(new Set([`${source} ${instant} ${instant}`]));
    expectRecount(answers, all.filter(isRead), range);
  }
});

async function* answersAbout(name: string, requests: readonly MadeRequest[], rangesBySource: readonly Question[][]) {
  const options = await pushRequests(lokiUrl, name.replaceAll(/\W+/g, '-'), requests);
  const host = await createHost({ lokiUrl });
  for (const ranges of rangesBySource) {
    const dataSource = host.createDataSource(options);
    for (const range of ranges) {
      yield { range, answers: await ask(host, dataSource, [byUser, byCountry, exposed], range) };
    }
  }
}

/** What could not be read, by source; a source without any line is called silent, which is all right here. */
function unreadSpans(answers: readonly Answer[]): string[] {
  return answers
    .flatMap(({ completeness }) => completeness)
    .filter(({ source }) => source.endsWith('request-logs'))
    .flatMap(({ source, missing }) =>
      missing.filter(({ kind }) => kind !== 'silent').map(({ from, to }) => `${source} ${from} ${to}`)
    );
}

function expectRecount(answers: readonly Answer[], all: readonly MadeRequest[], range: Question): void {
  const [users = [], countries = [], services = []] = answers.map(({ rows }) => rows);
  const manager = all.filter(({ type }) => type !== 'exposed');
  const ingress = all.filter(({ type }) => type === 'exposed');
  expect(countsOf(users, 'key', 'executions_count')).toEqual(recount(manager, range, ({ user }) => user));
  expect(countsOf(countries, 'country', 'request_count')).toEqual(
    recount(manager, range, ({ country }) => country ?? 'unknown')
  );
  expect(countsOf(services, 'service', 'value')).toEqual(recount(ingress, range, ({ service }) => service));
}
