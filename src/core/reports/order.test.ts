import fc from 'fast-check';

import { facts as someFacts, factsOf, type PlainFacts } from '../../testing/facts';
import { finish } from '../../testing/finish';
import { minuteMs } from '../domain/duration';
import { type QueryType } from '../query';
import { sumHours } from './facts';
import { withOthers } from './others';
import { reports } from './registry';
import { type ReportContext } from './report';

const contextOf = (queryType: QueryType): ReportContext => ({
  query: { queryType },
  services: undefined,
  membershipOf: () => 'unknown',
  rejectedRequests: 'separate',
});

const names = Array.from({ length: 12 }, (_, index) => `s${index}`);
const hours = fc
  .tuple(fc.shuffledSubarray(names), fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { minLength: 12 }))
  .map(([services, values]) => new Map(services.map((service, index) => [service, values[index] ?? 0])));
const entries = (map: ReadonlyMap<string, number>) => fc.shuffledSubarray([...map], { minLength: map.size });

it('shows the same figures in whatever order hours were read', () => {
  const shuffled = fc
    .tuple(someFacts, hours)
    .chain(([facts, cpu]) => fc.tuple(fc.constant({ ...facts, cpu, gpu: cpu }), entries(cpu)));
  const rowsOf = (queryType: QueryType, facts: PlainFacts) =>
    finish(reports[queryType].rows(factsOf(facts), contextOf(queryType)));
  fc.assert(
    fc.property(shuffled, ([facts, order]) => {
      const other = { ...facts, cpu: new Map(order), gpu: new Map(order) };
      for (const queryType of ['summary', 'reconciliation', 'services', 'metric'] as const) {
        expect(rowsOf(queryType, other)).toEqual(rowsOf(queryType, facts));
      }
      const others = (one: PlainFacts) => withOthers(factsOf(one), 'service', new Set(['s1'])).cpu?.get('(others)');
      expect(others(other)).toBe(others(facts));
    }),
    { numRuns: 40 }
  );
});

it('adds up windows and services in whatever order', () => {
  const windows = fc
    .array(hours, { minLength: 2, maxLength: 8 })
    .map((all) => all.map((of, index) => ({ start: index * minuteMs, end: (index + 1) * minuteMs, hours: of })));
  fc.assert(
    fc.property(
      windows.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
      ([list, shuffled]) => {
        const span = { start: 0, end: list.length * minuteMs };
        const sums = (all: typeof list) => [...sumHours(all, span, undefined)].sort();
        expect(sums(shuffled)).toEqual(sums(list));
      }
    )
  );
});
