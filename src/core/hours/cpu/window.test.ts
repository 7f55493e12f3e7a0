import { addHours, emptyWindow } from './window';

it('adds hours to a service, to how it is known, and to why that is in doubt', () => {
  const window = emptyWindow({ start: 0, end: 1 });
  addHours(window, { service: 'a', scheme: 'names', doubt: 'unlabelled' }, 2);
  addHours(window, { service: 'b', scheme: 'names', doubt: 'unlabelled' }, 1);
  addHours(window, { service: 'a', scheme: 'labels' }, 4);
  addHours(window, { service: 'c', scheme: 'labels' }, 0);
  expect(Object.fromEntries(window.hours)).toEqual({ a: 6, b: 1 });
  expect(Object.fromEntries(window.hoursByScheme)).toEqual({ names: 3, labels: 4 });
  expect([...window.doubted]).toEqual([['unlabelled', new Map(Object.entries({ a: 2, b: 1 }))]]);
});
