import { sumByService } from './attribution';

it('sums hours by service, by how it is known, and by why that is in doubt', () => {
  const { hours, hoursByScheme, doubted } = sumByService([
    { service: 'a', scheme: 'names', doubt: 'unlabelled', hours: 2 },
    { service: 'b', scheme: 'names', doubt: 'unlabelled', hours: 1 },
    { service: 'a', scheme: 'labels', hours: 4 },
    { service: 'c', scheme: 'labels', hours: 0 },
  ]);
  expect(Object.fromEntries(hours)).toEqual({ a: 6, b: 1 });
  expect(Object.fromEntries(hoursByScheme)).toEqual({ names: 3, labels: 4 });
  expect([...doubted]).toEqual([['unlabelled', new Map(Object.entries({ a: 2, b: 1 }))]]);
});

it('does not take rounding errors for use', () => {
  const rounding = [1e-13, -1e-13].map((hours) => ({ service: 'a', scheme: 'labels' as const, hours }));
  expect(sumByService(rounding).hours.size).toBe(0);
});
