import { hourMs, minuteMs } from '../../domain/duration';
import { lookbackAt, maxLookbackMs, oldUntilAt } from './lookback';

const time = 100 * hourMs;

it.each([
  ['in which nothing is scraped, when scraping begins', [[0, time + 5 * hourMs]], time + 5 * hourMs],
  ['at which scraping begins', [[0, time]], time],
  ['a little after which it began', [[0, time - 40 * minuteMs]], time - 40 * minuteMs],
  [
    'before which it began twice, for less than an hour together',
    [
      [0, time - 5 * hourMs],
      [time - 4.5 * hourMs, time - 10 * minuteMs],
    ],
    time - 10 * minuteMs,
  ],
] as Array<[string, Array<[number, number]>, number]>)(
  'of a time %s, takes what shows in the first quarter of an hour for old',
  (_, spans, began) => {
    const gaps = spans.map(([start, end]) => ({ start, end }));
    expect(lookbackAt(time, gaps)).toEqual({ lookbackMs: maxLookbackMs, found: false });
    expect(oldUntilAt(time, gaps)).toBe(began + 15 * minuteMs);
  }
);

it('looks for an hour with scrapes beyond gaps', () => {
  expect(lookbackAt(time, [])).toEqual({ lookbackMs: hourMs, found: true });
  expect(lookbackAt(time, [{ start: time - 3 * hourMs, end: time - hourMs / 2 }])).toEqual({
    lookbackMs: 3.5 * hourMs,
    found: true,
  });
});
