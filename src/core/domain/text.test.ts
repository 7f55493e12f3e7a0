import { amountOf, inGroups, inWords } from './text';

it.each([
  [0, '0 lines'],
  [1, '1 line'],
  [2, '2 lines'],
  [1.5, '1.5 lines'],
  [1_234_567, '1,234,567 lines'],
])('writes %d with its noun, as people read it', (count, text) => {
  expect(amountOf(count, 'line')).toBe(text);
});

it('takes a plural that is not formed with an s', () => {
  expect([amountOf(1, 'series', 'series'), amountOf(1, 'query', 'queries'), amountOf(2, 'query', 'queries')]).toEqual([
    '1 series',
    '1 query',
    '2 queries',
  ]);
});

it('groups thousands', () => {
  expect(inGroups(1876)).toBe('1,876');
});

it('joins words as people read them', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(inWords)).toEqual(['', 'a', 'a and b', 'a, b and c']);
});
