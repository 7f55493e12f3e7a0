import fc from 'fast-check';
import { DateTime } from 'luxon';

import { spanWithin, zone, zones } from '../../testing/arbitraries';
import { dayMs, hourMs, minuteMs } from './duration';
import {
  isWithinDays,
  type Period,
  periodEdges,
  periodsOf,
  type PeriodUnit,
  periodUnits,
  startAfter,
  startOf,
  timeZoneOf,
} from './periods';

const span = (from: string, to: string) => ({ start: Date.parse(from), end: Date.parse(to) });
const labels = (periods: readonly Period[]) => periods.map(({ label }) => label);
const hours = (periods: readonly Period[]) => periods.map(({ start, end }) => (end - start) / 3_600_000);

it.each([
  ['hour', '2026-10-05T13:00'],
  ['day', '2026-10-05'],
  ['week', '2026-W41'],
  ['month', '2026-10'],
  ['quarter', '2026-Q4'],
] as const)('labels a %s %s', (unit, label) => {
  expect(labels(periodsOf(span('2026-10-05T13:10:00Z', '2026-10-05T13:20:00Z'), unit, 'utc'))).toEqual([label]);
});

it('uses the year of the ISO week around new year', () => {
  expect(labels(periodsOf(span('2026-12-30T00:00:00Z', '2027-01-06T00:00:00Z'), 'week', 'utc'))).toEqual([
    '2026-W53',
    '2027-W01',
  ]);
  expect(labels(periodsOf(span('2024-12-30T00:00:00Z', '2024-12-31T00:00:00Z'), 'week', 'utc'))).toEqual(['2025-W01']);
});

it('has days of 25 and 23 hours in Madrid when the clock changes', () => {
  const autumn = periodsOf(span('2026-10-23T22:00:00Z', '2026-10-26T23:00:00Z'), 'day', 'Europe/Madrid');
  expect(labels(autumn)).toEqual(['2026-10-24', '2026-10-25', '2026-10-26']);
  expect(hours(autumn)).toEqual([24, 25, 24]);
  const spring = periodsOf(span('2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z'), 'day', 'Europe/Madrid');
  expect(hours(spring)).toEqual([23]);
});

it('gives two periods for the hour that occurs twice, and none for the one that is left out', () => {
  const autumn = periodsOf(span('2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z'), 'hour', 'Europe/Madrid');
  expect(labels(autumn).map((label) => label.slice(11))).toEqual(['01:00', '02:00', '02:00', '03:00']);
  const spring = periodsOf(span('2026-03-29T00:00:00Z', '2026-03-29T02:00:00Z'), 'hour', 'Europe/Madrid');
  expect(labels(spring).map((label) => label.slice(11))).toEqual(['01:00', '03:00']);
});

it('cuts at the hours and days of zones with half and quarter hours', () => {
  expect(periodEdges(span('2026-10-05T18:00:00Z', '2026-10-05T19:00:00Z'), 'day', 'Asia/Kolkata')).toEqual([
    Date.parse('2026-10-05T18:30:00Z'),
  ]);
  expect(periodEdges(span('2026-10-05T18:00:00Z', '2026-10-05T19:00:00Z'), 'hour', 'Asia/Kathmandu')).toEqual([
    Date.parse('2026-10-05T18:15:00Z'),
  ]);
});

it('starts a day that has no midnight at its first instant', () => {
  // Cairo goes from 00:00 to 01:00 on 2026-04-24.
  expect(periodEdges(span('2026-04-23T12:00:00Z', '2026-04-24T12:00:00Z'), 'day', 'Africa/Cairo')).toEqual([
    Date.parse('2026-04-23T22:00:00Z'),
  ]);
});

it('covers the span with adjacent, non-empty periods, whose edges are edges of days too, except for hours', () => {
  const zoneWithHalfHourShift = fc.constantFrom(...zones, 'Australia/Lord_Howe');
  fc.assert(
    fc.property(spanWithin(24 * 200), zoneWithHalfHourShift, fc.constantFrom(...periodUnits), (range, name, unit) => {
      const shown = unit === 'hour' ? { ...range, end: Math.min(range.end, range.start + 72 * 3_600_000) } : range;
      const periods = periodsOf(shown, unit, name);
      expect(periods[0]?.start).toBe(shown.start);
      expect(periods[periods.length - 1]?.end).toBe(shown.end);
      expect(periods.every(({ start, end }) => start < end)).toBe(true);
      expect(periods.every(({ start }, index) => index === 0 || start === periods[index - 1]?.end)).toBe(true);
      if (unit !== 'hour') {
        const days = new Set(periodEdges(shown, 'day', name));
        expect(periods.slice(1).every(({ start }) => days.has(start))).toBe(true);
      }
    }),
    { numRuns: 60 }
  );
});

it('gives two ranges that meet at a calendar edge the same periods as the whole', () => {
  fc.assert(
    fc.property(spanWithin(24 * 60), zone, (range, name) => {
      const edges = periodEdges(range, 'day', name);
      const cut = edges[Math.floor(edges.length / 2)];
      fc.pre(cut !== undefined);
      const parts = [
        ...periodsOf({ start: range.start, end: cut as number }, 'day', name),
        ...periodsOf({ start: cut as number, end: range.end }, 'day', name),
      ];
      expect(parts).toEqual(periodsOf(range, 'day', name));
    }),
    { numRuns: 40 }
  );
});

it('knows zones', () => {
  expect(timeZoneOf('Europe/Madrid')).toBe('Europe/Madrid');
  expect(timeZoneOf('Mars/Olympus')).toBeUndefined();
  expect(['utc', 'UTC', 'Etc/UTC', 'GMT', 'Etc/Zulu'].map(timeZoneOf)).toEqual(['utc', 'utc', 'utc', 'utc', 'utc']);
  // Its clock is set forward in summer.
  expect(timeZoneOf('Europe/London')).toBe('Europe/London');
});

it.each([
  ['three days of 24 hours, both ends included', '2026-10-05T00:00Z', '2026-10-08T00:00Z', 0, true],
  ['a millisecond more', '2026-10-05T00:00Z', '2026-10-08T00:00Z', 1, false],
  ['three days of the calendar, one of 25 hours', '2026-10-24T00:00+02:00', '2026-10-27T00:00+01:00', 0, true],
  ['more than these', '2026-10-24T00:00+02:00', '2026-10-27T00:00+01:00', 1, false],
  ['72 hours over a day of 23', '2026-03-28T00:00+01:00', '2026-03-31T01:00+02:00', 0, true],
])('tells whether a span is within three days: %s', (_, from, to, more, expected) => {
  const span = { start: Date.parse(from), end: Date.parse(to) + 1 + more };
  expect(isWithinDays(span, 3, 'Europe/Madrid')).toBe(expected);
});

describe('at every change of the clock in any zone from 2023 to 2029', () => {
  const labelFormats = {
    hour: "yyyy-MM-dd'T'HH:mm",
    day: 'yyyy-MM-dd',
    week: "kkkk-'W'WW",
    month: 'yyyy-MM',
    quarter: "yyyy-'Q'q",
  };
  const at = (time: number, zone: string) => DateTime.fromMillis(time, { zone });
  const byLuxon = (time: number, unit: PeriodUnit, zone: string) => {
    const start = at(time, zone).startOf(unit);
    const following = start.plus({ [unit]: 1 }).startOf(unit);
    const after = following > start ? following : start.plus({ hours: 1 });
    const label = at(start.toMillis(), zone).startOf(unit).toFormat(labelFormats[unit]);
    return `${start.toMillis()} ${label} ${after.toMillis()}`;
  };
  const byUs = (time: number, unit: PeriodUnit, zone: string) => {
    const start = startOf(time, unit, zone);
    const [period] = periodsOf({ start, end: start + 1 }, unit, zone);
    return `${start} ${period?.label} ${startAfter(start, unit, zone)}`;
  };
  const [first, last] = [Date.parse('2023-01-01T00:00Z'), Date.parse('2029-12-31T00:00Z')];

  /** Halves the time between two readings that differ, of which there are eight a year, until the change is known. */
  function changes(zone: string): number[] {
    const found: number[] = [];
    for (let start = first; start < last; start += 45 * dayMs) {
      let [low, high] = [start, start + 45 * dayMs];
      const before = at(low, zone).offset;
      while (at(high, zone).offset !== before && high - low > minuteMs) {
        const middle = low + (high - low) / 2 - (((high - low) / 2) % minuteMs);
        [low, high] = at(middle, zone).offset === before ? [middle, high] : [low, middle];
      }
      found.push(...(high < start + 45 * dayMs ? [high] : []));
    }
    return found;
  }

  it('agrees with another library', () => {
    // One zone of all whose clocks change at the same times.
    const zonesByChanges = new Map(Intl.supportedValuesOf('timeZone').map((zone) => [changes(zone).join(), zone]));
    expect(zonesByChanges.size).toBeGreaterThan(10);
    const differences = [...zonesByChanges].flatMap(([times, zone]) =>
      times
        .split(',')
        .flatMap((change) =>
          [-26 * hourMs, -1.5 * hourMs, -1, 0, 0.75 * hourMs, 2 * hourMs].flatMap((away) =>
            periodUnits
              .filter((unit) => byUs(Number(change) + away, unit, zone) !== byLuxon(Number(change) + away, unit, zone))
              .map((unit) => `${zone} ${change} ${away} ${unit}`)
          )
        )
    );
    expect(differences).toEqual([]);
  });
});
