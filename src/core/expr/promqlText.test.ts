import { defaultCpuQuery, defaultInventoryQuery } from './promql';
import { defaultGpuQuery } from './promqlGpu';
import { isSameQuery } from './promqlText';

it.each([defaultCpuQuery, defaultGpuQuery, defaultInventoryQuery])(
  'takes no white space for a difference: %#',
  (query) => {
    const wrapped = query.replace(/ (by|or|on) /g, '\n  $1 ').replace(/\{\{(\w+)\}\}/g, '{{ $1 }}');
    expect(wrapped).not.toBe(query);
    expect(isSameQuery(wrapped, query)).toBe(true);
  }
);

it.each([
  ['sum(x{a="b c"})', 'sum(x{a="bc"})'],
  ['sum(x{a="b c"})', 'sum(x{a="b  c"})'],
  ["sum(x{a='b c'})", "sum(x{a='bc'})"],
  ['sum by (a) (x)', 'sumby (a) (x)'],
  ['x[{{range}}]', 'x[{{reach}}]'],
  ['x / 3600', 'x / 360'],
  ['x == 1', 'x = 1'],
])('distinguishes %s from %s', (one, other) => {
  expect(isSameQuery(one, other)).toBe(false);
});
