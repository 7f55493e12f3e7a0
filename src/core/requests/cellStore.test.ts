import fc from 'fast-check';

import { hourMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { type Cell, cellBytes } from './cell';
import { CellStore } from './cellStore';
import { fitsGrid, gridOf } from './grid';

const cellOf = ({ start, end }: Span, size = 0): Cell => ({
  start,
  end,
  ids: new Uint32Array(size),
  counts: new Uint32Array(size),
  unparsed: 0,
});
const whole = { start: 0, end: 72 * hourMs };
const spanOfHours = fc
  .tuple(fc.integer({ min: 0, max: 71 }), fc.integer({ min: 1, max: 12 }))
  .map(([start, length]) => ({ start: start * hourMs, end: (start + length) * hourMs }));

it('gives disjoint cells inside the span that cross no edge', () => {
  fc.assert(
    fc.property(
      fc.array(spanOfHours, { maxLength: 30 }),
      spanOfHours,
      fc.constantFrom('utc', 'Asia/Kolkata'),
      (spans, span, zone) => {
        const store = new CellStore(1e9);
        spans.forEach((one) => store.add(cellOf(one)));
        const grid = gridOf(span, zone, 'day');
        const cells = store.covering(span, grid);
        expect(cells.every((cell) => cell.start >= span.start && cell.end <= span.end && fitsGrid(grid, cell))).toBe(
          true
        );
        expect(cells.every((cell, index) => index === 0 || cell.start >= (cells[index - 1] as Cell).end)).toBe(true);
      }
    )
  );
});

it('finds a whole day of cells again', () => {
  const store = new CellStore(1e9);
  const hours = Array.from({ length: 24 }, (_, hour) => ({ start: hour * hourMs, end: (hour + 1) * hourMs }));
  hours.forEach((hour) => store.add(cellOf(hour)));
  const day = { start: 0, end: 24 * hourMs };
  expect(store.covering(day, gridOf(day, 'utc', 'day'))).toHaveLength(24);
  expect(store.covering({ start: 1, end: 24 * hourMs }, gridOf(day, 'utc', 'day'))).toHaveLength(23);
});

it('does not give a cell of a day for its hours', () => {
  const store = new CellStore(1e9);
  const day = { start: 0, end: 24 * hourMs };
  store.add(cellOf(day));
  expect(store.covering(day, gridOf(day, 'utc', 'day'))).toHaveLength(1);
  expect(store.covering(day, gridOf(day, 'utc', 'hour'))).toHaveLength(0);
});

it('drops the least recently used when the memory is full', () => {
  const [a, b, c] = [0, 1, 2].map((hour) => cellOf({ start: hour * hourMs, end: (hour + 1) * hourMs }, 100)) as [
    Cell,
    Cell,
    Cell,
  ];
  const store = new CellStore(2 * cellBytes(a));
  const grid = gridOf(whole, 'utc', 'day');
  store.add(a);
  store.add(b);
  store.covering(a, grid);
  store.add(c);
  expect(store.covering(whole, grid)).toEqual([a, c]);
});

it('keeps within its budget whatever is added, and keeps no cell twice', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(spanOfHours, fc.nat({ max: 50 })), { maxLength: 40 }), (added) => {
      const budget = 2000;
      const store = new CellStore(budget);
      added.forEach(([span, size]) => store.add(cellOf(span, size)));
      const kept = store.covering(whole, gridOf(whole, 'utc', 'day'));
      expect(kept.reduce((sum, cell) => sum + cellBytes(cell), 0)).toBeLessThanOrEqual(budget);
      expect(kept.reduce((sum, cell) => sum + lengthOf(cell), 0)).toBeLessThanOrEqual(lengthOf(whole) + 12 * hourMs);
    })
  );
});

it('replaces a cell of the same span', () => {
  const store = new CellStore(1e9);
  const span = { start: 0, end: hourMs };
  store.add(cellOf(span));
  store.add({ ...cellOf(span), unparsed: 7 });
  expect(store.covering(span, gridOf(span, 'utc', 'day'))).toMatchObject([{ unparsed: 7 }]);
});

it('forgets an older cell when a newer one takes its place in another length', () => {
  // After "read again", the older cell would come back with the next view, because it is the longer one.
  const store = new CellStore(1e9);
  const span = { start: 0, end: 2 * hourMs };
  store.add({ ...cellOf(span), unparsed: 1 });
  store.replace({ ...cellOf({ start: 0, end: hourMs }), unparsed: 2 });
  expect(store.covering(span, gridOf(span, 'utc', 'day'))).toMatchObject([{ end: hourMs, unparsed: 2 }]);
});
