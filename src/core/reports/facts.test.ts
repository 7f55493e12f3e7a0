import fc from 'fast-check';

import { type CountedKey, keyCountsOf } from '../../testing/facts';
import { minuteMs } from '../domain/duration';
import { attributionPercent, countKeys } from '../requests/counting';
import { KeyTable } from '../requests/keyTable';
import { countriesCell, ranked, sumHours } from './facts';

const keyOf = (country: string, count: number): CountedKey => ({
  type: 'sync',
  service: 'a',
  user: 'u',
  country,
  auth: '',
  outcome: 'succeeded',
  count,
});

it.each([
  [[], null],
  [[keyOf('ES', 3), keyOf('unknown', 1)], 75],
  [[keyOf('ES', 2), keyOf('unknown', 1)], 66.7],
  [[keyOf('ES', 5)], 100],
  [[keyOf('unknown', 5)], 0],
  // Rounding must not make a whole or a nothing of what is not one.
  [[keyOf('ES', 9999), keyOf('unknown', 1)], 99.9],
  [[keyOf('ES', 1), keyOf('unknown', 9999)], 0.1],
])('attributes %j', (keys, percent) => {
  expect(attributionPercent(keyCountsOf(keys))).toBe(percent);
});

it('attributes within a tenth, for any counts', () => {
  fc.assert(
    fc.property(fc.nat({ max: 1e6 }), fc.nat({ max: 1e6 }), (known, unknown) => {
      fc.pre(known + unknown > 0);
      const percent = attributionPercent(keyCountsOf([keyOf('ES', known), keyOf('unknown', unknown)])) as number;
      expect(Math.abs(percent - (known / (known + unknown)) * 100)).toBeLessThan(0.1);
      expect(percent === 100).toBe(unknown === 0);
      expect(percent === 0).toBe(known === 0);
    })
  );
});

it('puts countries largest first, then by code, without the unknown', () => {
  expect(
    countriesCell(keyCountsOf([keyOf('US', 1), keyOf('unknown', 9), keyOf('ES', 2), keyOf('DE', 1), keyOf('ES', 1)]))
  ).toBe('ES:3|DE:1|US:1');
  expect(countriesCell(keyCountsOf([]))).toBe('');
});

it('ranks by count, then by code unit', () => {
  expect(
    ranked(
      new Map([
        ['b', 1],
        ['a', 1],
        ['B', 1],
        ['c', 2],
      ])
    ).map(([name]) => name)
  ).toEqual(['c', 'B', 'a', 'b']);
});

it('counts the cells of a span, for the services asked for', () => {
  const table = new KeyTable(() => undefined, 'auth_method');
  ['a', 'b'].forEach((service) =>
    table.intern({ type: 'sync', service, user: 'u', country: 'ES', auth: '', outcome: 'succeeded' })
  );
  const cell = (start: number, end: number, ids: number[], counts: number[]) => ({
    start,
    end,
    ids: Uint32Array.from(ids),
    counts: Uint32Array.from(counts),
    unparsed: 0,
  });
  const view = { cells: [cell(0, 5, [0, 1], [1, 2]), cell(5, 10, [1], [4])], table };
  const byService = (start: number, end: number, services?: string[]) =>
    Object.fromEntries(countKeys(view, { start, end }, services && new Set(services)).countBy('service'));
  expect(byService(0, 10)).toEqual({ a: 1, b: 6 });
  expect(byService(5, 10)).toEqual({ b: 4 });
  expect(byService(0, 10, ['a'])).toEqual({ a: 1 });
  expect(byService(0, 10)).toEqual({ a: 1, b: 6 });
});

it('sums the hours of the windows of a span', () => {
  const windows = [
    {
      start: 0,
      end: 5 * minuteMs,
      hours: new Map([
        ['a', 1.5],
        ['b', 1],
      ]),
    },
    { start: 5 * minuteMs, end: 10 * minuteMs, hours: new Map([['a', 2]]) },
  ];
  expect(sumHours(windows, { start: 0, end: 10 * minuteMs }, undefined)).toEqual(
    new Map([
      ['a', 3.5],
      ['b', 1],
    ])
  );
  expect(sumHours(windows, { start: 5 * minuteMs, end: 10 * minuteMs }, new Set(['b']))).toEqual(new Map());
});

it('takes what sums of several windows leave of nothing for nothing', () => {
  const windows = [0.1, 0.2, -0.3].map((hours, index) => ({
    start: index * 60_000,
    end: (index + 1) * 60_000,
    hours: new Map([['a', hours]]),
  }));
  expect(sumHours(windows, { start: 0, end: 180_000 }, undefined).get('a')).toBe(0);
});
