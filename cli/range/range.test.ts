import { dayMs, hourMs } from '../../src/core/domain/duration';
import { type ToldError } from '../exit';
import { rangeOf, type RangeOptions } from './range';
import { clockTime, notOver, rangeText, shortRange, zoneName } from './wording';

const now = Date.parse('2026-11-30T16:20:30.500Z');
const madrid = 'Europe/Madrid';

function ends(options: RangeOptions, zone = 'utc') {
  const { start, end, label } = rangeOf(options, zone, now);
  return [new Date(start).toISOString(), new Date(end).toISOString(), label];
}

it.each<[RangeOptions, string, string, string, string | undefined]>([
  [{ month: '2026-10' }, 'utc', '2026-10-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-10'],
  // From summer to winter time: the month is an hour longer.
  [{ month: '2026-10' }, madrid, '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z', '2026-10'],
  [{ month: '2026-03' }, madrid, '2026-02-28T23:00:00.000Z', '2026-03-31T22:00:00.000Z', '2026-03'],
  [{ month: '2026-12' }, 'utc', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', '2026-12'],
  [{ quarter: '2026-Q3' }, madrid, '2026-06-30T22:00:00.000Z', '2026-09-30T22:00:00.000Z', '2026-Q3'],
  [{ quarter: '2026Q4' }, 'utc', '2026-10-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z', '2026-Q4'],
  [{ last: 'month' }, madrid, '2026-09-30T22:00:00.000Z', '2026-10-31T23:00:00.000Z', '2026-10'],
  [{ last: '2months' }, 'utc', '2026-09-01T00:00:00.000Z', '2026-11-01T00:00:00.000Z', '2026-09 to 2026-10'],
  [{ last: 'quarter' }, 'utc', '2026-07-01T00:00:00.000Z', '2026-10-01T00:00:00.000Z', '2026-Q3'],
  [{ last: 'week' }, 'utc', '2026-11-23T00:00:00.000Z', '2026-11-30T00:00:00.000Z', '2026-W48'],
  [{ last: 'day' }, madrid, '2026-11-28T23:00:00.000Z', '2026-11-29T23:00:00.000Z', '2026-11-29'],
  [{ last: '30d' }, madrid, '2026-10-31T16:20:30.500Z', '2026-11-30T16:20:30.501Z', 'last 30 days'],
  [{}, 'utc', '2026-11-29T16:20:30.500Z', '2026-11-30T16:20:30.501Z', 'last 24 hours'],
  // Both ends are inclusive: a date is its whole day, of 25 hours here.
  [{ from: '2026-10-25', to: '2026-10-25' }, madrid, '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', undefined],
  [{ from: '2026-03-29', to: '2026-03-29' }, madrid, '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z', undefined],
  [
    { from: '2026-10-01T08:00', to: '2026-10-01T09:30:15.250' },
    madrid,
    '2026-10-01T06:00:00.000Z',
    '2026-10-01T07:30:15.251Z',
    undefined,
  ],
  [
    { from: '2026-10-25T02:30+02:00', to: '2026-10-25T02:30+01:00' },
    madrid,
    '2026-10-25T00:30:00.000Z',
    '2026-10-25T01:30:00.001Z',
    undefined,
  ],
  [{ from: '2026-11-30', to: 'now' }, 'utc', '2026-11-30T00:00:00.000Z', '2026-11-30T16:20:30.501Z', undefined],
  [{ from: '2026-11-30T00:00Z' }, madrid, '2026-11-30T00:00:00.000Z', '2026-11-30T16:20:30.501Z', undefined],
])('%j in %s', (options, zone, start, end, label) => {
  expect(ends(options, zone)).toEqual([start, end, label]);
});

it('has days of 23 and 25 hours', () => {
  const length = (day: string) => {
    const { start, end } = rangeOf({ from: day, to: day }, madrid, now);
    return (end - start) / hourMs;
  };
  expect(['2026-03-28', '2026-03-29', '2026-10-25', '2026-10-26'].map(length)).toEqual([24, 23, 25, 24]);
});

it('leaves no gap between adjacent dates and periods', () => {
  const october = rangeOf({ month: '2026-10' }, madrid, now);
  expect(october.end).toBe(rangeOf({ month: '2026-11' }, madrid, now).start);
  expect(rangeOf({ from: '2026-10-01', to: '2026-10-31' }, madrid, now)).toEqual({
    start: october.start,
    end: october.end,
  });
  expect((october.end - october.start) / dayMs).toBeCloseTo(31 + 1 / 24);
});

it.each<[RangeOptions, RegExp]>([
  [
    { from: '2026-10-25T02:30' },
    /show 2026-10-25T02:30 twice; add an offset: 2026-10-25T02:30\+02:00 or 2026-10-25T02:30\+01:00/,
  ],
  [{ from: '2026-03-29T02:30' }, /set forward over 2026-03-29T02:30/],
  [{ from: '2026-02-30' }, /^--from: there is no 2026-02-30/],
  [{ from: '2026-06-31T08:00' }, /there is no 2026-06-31T08:00/],
  [{ from: '2026-06-30T25:00' }, /there is no/],
  [{ from: 'yesterday' }, /^--from: "yesterday" is no time; use a date such as 2026-10-01/],
  [{ from: '2026-10-02', to: '2026-10-01' }, /^--to \(2026-10-01\) is before --from \(2026-10-02\)/],
  [{ to: '2026-10-01' }, /^--to needs --from/],
  [{ from: '2027-01-01' }, /^--to \(now\) is before --from/],
  [{ month: '2026-13' }, /^--month: "2026-13" is not a month; use one such as 2026-10/],
  [{ quarter: '2026-Q5' }, /^--quarter: .*such as 2026-Q3/],
  [{ last: '0d' }, /^--last: "0d" is not a valid range/],
  [{ last: '3 fortnights' }, /^--last/],
  [{ last: 'hour' }, /^--last/],
  [{ last: 'month', month: '2026-10' }, /^--month and --last exclude each other/],
])('%j is an error that says what is valid', (options, message) => {
  expect(() => rangeOf(options, madrid, now)).toThrow(message);
  try {
    rangeOf(options, madrid, now);
  } catch (error) {
    expect((error as ToldError).exitCode).toBe(2);
  }
});

it('is told with the offsets of its ends', () => {
  const october = rangeOf({ month: '2026-10' }, madrid, now);
  expect(rangeText(october, madrid)).toBe('2026-10 (2026-10-01T00:00:00.000+02:00 to 2026-10-31T23:59:59.999+01:00)');
  expect(shortRange(october, madrid)).toBe('2026-10: 2026-10-01 00:00 to 2026-10-31 23:59');
  expect(rangeText({ start: 0, end: 1 }, 'America/St_Johns')).toMatch(/^1969-12-31T20:30:00.000-03:30 to/);
  expect(clockTime(0, 'Asia/Kolkata')).toBe('1970-01-01 05:30');
  expect([zoneName('utc'), zoneName(madrid)]).toEqual(['UTC', madrid]);
});

it('has not ended while a part of it lies ahead', () => {
  expect(notOver(rangeOf({ month: '2026-11' }, 'utc', now), 'utc', now)).toMatch(
    /has not ended yet: .* 2026-11-30T16:20/
  );
  expect(notOver(rangeOf({ month: '2027-01' }, 'utc', now), 'utc', now)).toBe('the range is in the future');
  expect(notOver(rangeOf({ last: '30d' }, 'utc', now), 'utc', now)).toBeUndefined();
  expect(notOver(rangeOf({ month: '2026-10' }, 'utc', now), 'utc', now)).toBeUndefined();
});
