import { type PodKind } from '../traffic/podKinds';
import { compare, missedBy } from './comparison';

const truth = new Map([
  ['a', 10],
  ['b', 2],
  ['small', 0.5],
]);
const kinds = new Map<string, PodKind>([
  ['a', 'job'],
  ['b', 'knative'],
  ['small', 'knative'],
]);

function compared(
  name: Parameters<typeof compare>[0],
  scrape: number,
  hours: ReadonlyMap<string, number>,
  flagged: boolean | null = false
) {
  return compare(name, scrape, { hours, flagged }, truth, kinds);
}

function scaled(factor: number): Map<string, number> {
  return new Map([...truth].map(([service, hours]) => [service, hours * factor]));
}

it('gives errors as fractions of the truth', () => {
  const row = compared('ours-pod', 30, new Map([['a', 11]]));
  expect(row.total_error).toBeCloseTo(11 / 12.5 - 1);
  expect(row.worst_service_error).toBe(-1);
  expect(row.services_named_right).toBe(1);
});

it('gives them by kind of pod, too', () => {
  const { by_kind } = compared('ours-lifetimes', 30, new Map([...truth, ['a', 11]]));
  expect(by_kind.job?.total_error).toBeCloseTo(0.1);
  expect(by_kind.knative).toEqual({ total_error: 0, worst_service_error: 0 });
  expect(by_kind).not.toHaveProperty('kserve');
});

it('does not judge a measure by services that hardly ran', () => {
  expect(compared('ours-pod', 30, new Map([...truth, ['small', 2]])).worst_service_error).toBe(0);
});

it('allows more where scrapes are few, and nothing of a peer', () => {
  expect(missedBy(compared('ours-lifetimes', 30, scaled(1.018)))).toEqual(['all', 'job', 'knative']);
  expect(missedBy(compared('ours-lifetimes', 120, scaled(1.018)))).toEqual([]);
  expect(missedBy(compared('oscar', 30, scaled(1.018), null))).toBeUndefined();
});

it('lets no kind hide behind the others', () => {
  const measured = new Map([...truth, ['small', 0.45]]);
  expect(missedBy(compared('ours-lifetimes', 30, measured))).toEqual(['knative']);
  expect(missedBy(compared('ours-labels', 30, measured))).toEqual([]);
});

it('wants a word about names that had to do', () => {
  expect(missedBy(compared('ours-names', 30, truth, false))).toEqual(['flag']);
  expect(missedBy(compared('ours-names', 30, truth, true))).toEqual([]);
});
