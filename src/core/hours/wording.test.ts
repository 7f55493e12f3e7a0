import { counted, firstOf, gapsFrom } from './wording';

it.each([
  [0, '0 pods'],
  [1, '1 pod'],
  [2, '2 pods'],
  [1876, '1,876 pods'],
])('counts %d', (count, text) => {
  expect(counted(count, 'pod')).toBe(text);
});

it('uses a plural that is not formed with an s', () => {
  expect(counted(1, 'series has', 'series have')).toBe('1 series has');
  expect(counted(3, 'series has', 'series have')).toBe('3 series have');
});

it('names one gap, and the first of several', () => {
  const start = Date.parse('2026-10-05T06:00:00Z');
  expect(gapsFrom(1, start)).toBe('in a gap from 2026-10-05T06:00:00.000Z on');
  expect(gapsFrom(2, start)).toBe('in 2 gaps, the first from 2026-10-05T06:00:00.000Z on');
});

it('names ten, and says how many more there are', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`);
  expect(firstOf(names(10))).toBe(names(10).join(', '));
  expect(firstOf(names(12))).toBe(`${names(10).join(', ')}, 2 more`);
});
