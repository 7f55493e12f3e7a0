import fc from 'fast-check';

import { RowIndex } from './rowIndex';

it('gives equal rows the number of the first one, and different rows different ones', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 2 ** 31 }));
  fc.assert(
    fc.property(fc.array(fc.tuple(value, value, value), { maxLength: 300 }), (rows) => {
      const index = new RowIndex(3);
      const known = new Map<string, number>();
      for (const row of rows) {
        const expected = known.get(row.join()) ?? known.size;
        known.set(row.join(), expected);
        expect(index.rowOf(row)).toBe(expected);
      }
      expect(index.size).toBe(known.size);
      for (const [name, row] of known) {
        expect(index.columns.map((column) => column.at(row)).join()).toBe(name);
      }
    })
  );
});

it('finds its rows again when it has grown, and takes little memory', () => {
  const index = new RowIndex(5);
  const rowOf = (number: number) => index.rowOf([number % 2, number % 7, number, number % 31, 0]);
  for (let number = 0; number < 50_000; number += 1) {
    rowOf(number);
  }
  for (let number = 0; number < 50_000; number += 97) {
    expect(rowOf(number)).toBe(number);
  }
  expect(index.size).toBe(50_000);
  expect(index.bytes / index.size).toBeLessThan(60);
});
