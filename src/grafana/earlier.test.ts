import { epoch, managerLine } from '../testing/arbitraries';
import { clusterWith, rowsOf } from '../testing/cluster';
import { periodsBeforeProblem, withPeriodsBefore } from './earlier';
import { type OscarQuery } from './types';

const at = (text: string) => Date.parse(text);
const month = (more: Partial<OscarQuery> = {}): OscarQuery => ({
  refId: 'A',
  queryType: 'summary',
  interval: 'month',
  periodsBefore: 1,
  ...more,
});

it.each([
  // November has fewer days than October, and Madrid sets its clock back in October.
  ['2026-11-01T00:00:00Z', 'utc', month(), '2026-10-01T00:00:00Z'],
  ['2026-10-31T23:00:00Z', 'Europe/Madrid', month(), '2026-09-30T22:00:00Z'],
  ['2026-03-01T00:00:00Z', 'utc', month(), '2026-02-01T00:00:00Z'],
  ['2026-01-01T00:00:00Z', 'utc', month({ periodsBefore: 13 }), '2024-12-01T00:00:00Z'],
  // From within a month: the month that the range begins in is whole, too.
  ['2026-11-17T13:00:00Z', 'utc', month(), '2026-10-01T00:00:00Z'],
  ['2026-11-01T00:00:00Z', 'utc', month({ interval: 'quarter' }), '2026-07-01T00:00:00Z'],
  ['2026-11-02T00:00:00Z', 'utc', month({ interval: 'week', periodsBefore: 2 }), '2026-10-19T00:00:00Z'],
  ['2026-11-01T00:00:00Z', 'utc', month({ periodsBefore: undefined }), '2026-11-01T00:00:00Z'],
  ['2026-11-01T00:00:00Z', 'no/zone', month(), '2026-10-01T00:00:00Z'],
])('a range from %s in %s begins earlier', (start, zone, query, expected) => {
  const end = at(start) + 1000;
  expect(withPeriodsBefore({ start: at(start), end }, query, zone)).toEqual({ start: at(expected), end });
});

it.each<[Partial<OscarQuery>, RegExp | undefined]>([
  [{}, undefined],
  [{ periodsBefore: undefined, interval: undefined }, undefined],
  [{ periodsBefore: 0 }, /whole number from 1 to 24/],
  [{ periodsBefore: 1.5 }, /whole number from 1 to 24/],
  [{ periodsBefore: 25 }, /whole number from 1 to 24/],
  [{ interval: 'auto' }, /needs an interval; valid are: hour, day/],
  [{ interval: undefined }, /needs an interval/],
])('says what is wrong with %j', (more, message) => {
  const problem = periodsBeforeProblem(month(more));
  message ? expect(problem).toMatch(message) : expect(problem).toBeUndefined();
});

it('puts whole months beside each other, each with its own figures', async () => {
  const times = ['2026-08-31T23:59:59Z', '2026-09-01T00:00:00Z', '2026-09-30T23:59:59Z', '2026-10-01T00:00:01Z'];
  jest.spyOn(Date, 'now').mockReturnValue(epoch + 1e10);
  const { frames } = clusterWith(
    times.map((time) => ({
      time: BigInt(at(time)) * 1_000_000n,
      labels: {},
      line: managerLine({ type: 'sync', service: 'a', user: 'u' }, ''),
    }))
  );
  const range = { start: at('2026-10-01T00:00:00Z'), end: at('2026-11-01T00:00:00Z') };
  const columns = ['start_time', 'end_time', 'requests_count_total'];
  const [frame] = await frames({ queryType: 'summary', interval: 'month', periodsBefore: 1, columns }, range);
  expect(rowsOf(frame)).toMatchObject([
    {
      period: '2026-09',
      start_time: '2026-09-01T00:00:00.000Z',
      end_time: '2026-09-30T23:59:59.999Z',
      requests_count_total: 2,
    },
    { period: '2026-10', end_time: '2026-10-31T23:59:59.999Z', requests_count_total: 1 },
  ]);
  jest.restoreAllMocks();
});
