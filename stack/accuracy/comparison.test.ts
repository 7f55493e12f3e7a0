import { compare, reachesGoal } from './comparison';

const truth = new Map([
  ['a', 10],
  ['b', 2],
  ['small', 0.5],
]);

it('gives errors as fractions of the truth', () => {
  const row = compare('ours-pod', 30, new Map([['a', 11]]), truth);
  expect(row.total_error).toBeCloseTo(11 / 12.5 - 1);
  expect(row.worst_service_error).toBe(-1);
  expect(row.services_named_right).toBe(1);
});

it('does not judge a measure by services that hardly ran', () => {
  const measured = new Map([...truth, ['small', 2]] as const);
  expect(compare('ours-pod', 30, measured, truth).worst_service_error).toBe(0);
});

it('allows more where scrapes are few, and nothing of a peer', () => {
  const measured = new Map([...truth].map(([service, hours]) => [service, hours * 1.018] as const));
  expect(reachesGoal(compare('ours-lifetimes', 30, measured, truth))).toBe(false);
  expect(reachesGoal(compare('ours-lifetimes', 120, measured, truth))).toBe(true);
  expect(reachesGoal(compare('oscar', 30, measured, truth))).toBeUndefined();
});
