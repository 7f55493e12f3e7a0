import { dayMs } from '../../src/core/domain/duration';
import { createHost } from '../../stack/host';
import { createParameters, expectedByCountry, expectedSummary, type Range, type Truth } from '../../stack/traffic';
import { type Answer, ask, over, sourceOf } from './support/answers';
import { openScratch, type Scratch } from './support/scratch';
import { openTraffic } from './support/traffic';

// The half-year checks of OSCAR's tasks T042 and T043: shares of countries, and the summary of each month, over 180 days.
const traffic = createParameters({
  days: 180,
  lines: 4_000,
  services: 20,
  users: 200,
  countries: 15,
  seed: 42,
  end: Date.parse('2026-07-01T00:00:00Z'),
});
const range: Range = { from: traffic.end - 180 * dayMs, to: traffic.end };

let scratch: Scratch;
let truth: Truth;
let countries: Answer;
let months: Answer;
let whole: Answer;

beforeAll(async () => {
  scratch = await openScratch();
  const stack = await openTraffic(scratch.directory, traffic, { withMetrics: false });
  truth = stack.truth;
  const host = await createHost({ lokiUrl: stack.loki.url });
  const targets = [
    { queryType: 'country' },
    { queryType: 'summary', interval: 'month', includeUsers: true },
    { queryType: 'summary', includeUsers: true },
  ] as const;
  [countries, months, whole] = (await ask(host, host.createDataSource(), targets, over(range))) as [
    Answer,
    Answer,
    Answer,
  ];
});

afterAll(() => scratch?.close());

it('covers the half-year', () => {
  for (const answer of [countries, months, whole]) {
    expect(sourceOf(answer, 'request-logs')).toMatchObject({ status: 'ok', coverage_percent: 100 });
  }
});

it('has the share of each country, and a hundred percent in all', () => {
  const expected = expectedByCountry(truth, range);
  const known = expected.filter(({ key }) => key !== 'unknown');
  const attributed = known.reduce((sum, { executions_count: count }) => sum + count, 0);
  expect(known.length).toBeGreaterThan(10);
  expect(countries.rows.map(({ country, request_count }) => [country, request_count])).toEqual(
    expected.map(({ key, executions_count }) => [key, executions_count])
  );
  const tenths = countries.rows
    .filter(({ country }) => country !== 'unknown')
    .map(({ request_count, percentage }) => {
      const exact = (100 * Number(request_count)) / attributed;
      // To one decimal; the largest remainders are rounded up.
      expect(Math.abs(Number(percentage) - exact)).toBeLessThan(0.1);
      return Math.round(Number(percentage) * 10);
    });
  expect(tenths.reduce((sum, tenth) => sum + tenth, 0)).toBe(1000);
  expect(countries.rows.filter(({ country }) => country === 'unknown').map(({ percentage }) => percentage)).toEqual([
    null,
  ]);
});

const exact = [
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_rejected',
  'requests_count_failed',
  'countries_count',
  'countries',
  'users_count',
  'users',
] as const;

it.each([0, 1, 2, 3, 4, 5])('has the summary of month %s', (month) => {
  const from = Math.max(range.from, Date.UTC(2026, month, 1));
  const expected = expectedSummary(truth, { from, to: Date.UTC(2026, month + 1, 1) });
  const row = months.rows.find(({ period }) => period === `2026-0${month + 1}`);
  expect(Object.fromEntries(exact.map((column) => [column, row?.[column]]))).toEqual(
    Object.fromEntries(exact.map((column) => [column, expected[column]]))
  );
  expect(Number(row?.requests_count_total)).toBeGreaterThan(50);
});

it('has months that add up to the half-year', () => {
  const added = ['requests_count_total', 'requests_count_exposed', 'requests_count_rejected', 'requests_count_failed'];
  for (const column of added) {
    const sum = months.rows.reduce((total, row) => total + Number(row[column]), 0);
    expect([column, sum]).toEqual([column, Number(whole.rows[0]?.[column])]);
  }
});
