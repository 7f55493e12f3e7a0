import fc from 'fast-check';

import { dayMs } from '../../domain/duration';
import { defaultLimits } from '../../upstream/learnedLimits';
import { type BatchQuery, BatchPlanner, type WindowLines } from './batchQueries';
import { Estimate } from './estimate';

type Lines = Map<string | undefined, WindowLines>;

/** Lines by value and window: some values with many, some with few, and streams without a value or none of these. */
const batch = fc.integer({ min: 1, max: 20 }).chain((windows) => {
  const count = fc.oneof(fc.constant(0), fc.nat({ max: 20 }), fc.nat({ max: 3000 }));
  const row = fc.array(count, { minLength: windows, maxLength: windows });
  const value = fc.option(fc.constantFrom('ES', 'PL', 'DE', 'FR', 'IT', 'GR'), { freq: 6, nil: undefined });
  return fc
    .uniqueArray(fc.tuple(value, row), { selector: ([own]) => own, maxLength: 7 })
    .map((rows): { windows: number; lines: Lines } => ({
      windows,
      lines: new Map(rows.map(([own, counts]) => [own, Float64Array.from(counts)])),
    }));
});

/** What a Loki may answer about a query. */
const answer = fc.oneof(
  { weight: 3, arbitrary: fc.record({ keysPerLine: fc.double({ min: 0.01, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ limit: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }) }) }
);

/** Streams in the queries, by value and window: once for each query in which they are. */
function streamsIn(queries: readonly BatchQuery[], planner: BatchPlanner, probes: ReadonlyArray<string | undefined>) {
  return queries.flatMap((query) => {
    const { values, has } = planner.streamsOf(query);
    const selected = probes.filter((probe) => values.includes(probe ?? '') === has);
    return Array.from({ length: query.windows }, (_, index) =>
      selected.map((probe) => `${probe} in ${query.first + index}`)
    ).flat();
  });
}

function allOf(values: ReadonlyArray<string | undefined>, windows: number): string[] {
  return values.flatMap((value) => Array.from({ length: windows }, (_, index) => `${value} in ${index}`));
}

it('reads each stream in each window once, whatever is too large and whatever it learns', () => {
  fc.assert(
    fc.property(
      batch,
      fc.integer({ min: 1, max: 500 }),
      fc.infiniteStream(answer),
      ({ lines, windows }, maxSeries, answers) => {
        const estimate = new Estimate({ ...defaultLimits(), maxSeries });
        const planner = new BatchPlanner(lines, windows, dayMs, estimate);
        const taken: BatchQuery[] = [];
        for (let query = planner.next(); query; query = planner.next()) {
          const own = planner.linesOf(query);
          const total = [...own.values()].reduce((sum, count) => sum + count, 0);
          const told = answers.next().value;
          if ('keysPerLine' in told) {
            estimate.learnBatchQuery(own, Math.ceil(total * told.keysPerLine), query.windows * dayMs, undefined);
            taken.push(query);
          } else {
            estimate.learnTooManyKeys(own.keys(), told.limit);
            // What can't be halved would be read in another way.
            taken.push(...(planner.halve(query) ? [] : [query]));
          }
        }
        const probes = [...new Set([undefined, 'value that came later', ...lines.keys()])];
        expect(streamsIn(taken, planner, probes).sort()).toEqual(allOf(probes, windows).sort());
      }
    )
  );
});

it('knows the lines of each query', () => {
  fc.assert(
    fc.property(batch, ({ lines, windows }) => {
      const planner = new BatchPlanner(lines, windows, dayMs, new Estimate(defaultLimits()));
      const found = new Map<string | undefined, number>();
      for (let query = planner.next(); query; query = planner.next()) {
        planner.linesOf(query).forEach((count, value) => found.set(value, (found.get(value) ?? 0) + count));
      }
      lines.forEach((own, value) => expect(found.get(value)).toBe(own.reduce((sum, count) => sum + count, 0)));
    })
  );
});

/** What a query is expected to use of its limits. */
function fillOf(query: BatchQuery, planner: BatchPlanner, estimate: Estimate): number {
  return [...planner.linesOf(query)].reduce(
    (sum, [value, lines]) => sum + estimate.shareOfLimit(value, lines, query.windows * dayMs),
    0
  );
}

it('plans no query that asks too much, but a single window of a single value', () => {
  fc.assert(
    fc.property(
      batch,
      fc.integer({ min: 3, max: 500 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      ({ lines, windows }, maxSeries, keysPerLine) => {
        const estimate = new Estimate({ ...defaultLimits(), maxSeries });
        estimate.learnBatchQuery(new Map([['ES', 1000]]), 1000 * keysPerLine, dayMs, undefined);
        const planner = new BatchPlanner(lines, windows, dayMs, estimate);
        for (let query = planner.next(); query; query = planner.next()) {
          if (query.windows > 1 || query.values.length > 1) {
            expect(fillOf(query, planner, estimate)).toBeLessThanOrEqual(1 + 1e-9);
          }
        }
      }
    )
  );
});

const quiet = { ES: [10, 20, 30], PL: [5, 5, 5], DE: [100, 0, 0] };
const linesOf = (rows: Readonly<Record<string, number[]>>): Lines =>
  new Map(Object.entries(rows).map(([value, counts]) => [value, Float64Array.from(counts)]));
const planned = (rows: Readonly<Record<string, number[]>>, maxSeries = 500) =>
  new BatchPlanner(linesOf(rows), 3, dayMs, new Estimate({ ...defaultLimits(), maxSeries }));

/** All queries of a planner that learns nothing. */
function queriesOf(planner: BatchPlanner): BatchQuery[] {
  const queries: BatchQuery[] = [];
  for (let query = planner.next(); query; query = planner.next()) {
    queries.push(query);
  }
  return queries;
}

it('asks for all streams at once where they are few', () => {
  const planner = planned(quiet);
  const queries = queriesOf(planner);
  expect(queries).toEqual([{ values: ['DE', 'ES', 'PL', undefined], first: 0, windows: 3 }]);
  expect(planner.streamsOf(queries[0] as BatchQuery)).toEqual({ values: [], has: false });
});

it('fills queries with whole columns, the largest first, and names the values that are not in the last one', () => {
  const planner = planned(quiet, 135);
  const queries = queriesOf(planner);
  expect(queries.map(({ values }) => values)).toEqual([
    ['DE', undefined],
    ['ES', 'PL'],
  ]);
  expect(queries.map((query) => planner.streamsOf(query))).toEqual([
    { values: ['ES', 'PL'], has: false },
    { values: ['ES', 'PL'], has: true },
  ]);
});

it('cuts columns that are too large as a whole, in turns, until what is left of one fits', () => {
  expect(queriesOf(planned({ ES: [300, 300, 300], PL: [200, 200, 400] }))).toEqual([
    { values: [undefined], first: 0, windows: 3 },
    { values: ['ES'], first: 0, windows: 1 },
    { values: ['PL'], first: 0, windows: 2 },
    { values: ['PL'], first: 2, windows: 1 },
    { values: ['ES'], first: 1, windows: 1 },
    { values: ['ES'], first: 2, windows: 1 },
  ]);
});

it('cuts parts that are about equal', () => {
  const rows = { ES: Array.from({ length: 10 }, () => 100) };
  const planner = new BatchPlanner(linesOf(rows), 10, dayMs, new Estimate(defaultLimits()));
  const lengths = queriesOf(planner).flatMap(({ values, windows }) => (values.includes('ES') ? [windows] : []));
  expect(lengths).toEqual([4, 3, 3]);
});

it('fits a window only where a query holds it and as much again, of each column', () => {
  const planner = planned({ ES: [204, 206, 10], PL: [204, 0, 206] });
  expect([0, 1, 2].map((window) => planner.fits(window))).toEqual([true, false, false]);
});

it('names the column of a window that would use most of a query', () => {
  expect(planned(quiet).largestIn(0)).toEqual({ values: ['DE'], first: 0, windows: 1 });
  expect(planned(quiet).largestIn(2)).toEqual({ values: ['ES'], first: 2, windows: 1 });
});

it('halves what is too large by its values, then by its windows, and not a single window of one', () => {
  const planner = planned(quiet);
  const whole = planner.next() as BatchQuery;
  expect(planner.halve(whole)).toBe(true);
  expect(queriesOf(planner).map(({ values }) => values)).toEqual([
    ['DE', 'PL'],
    ['ES', undefined],
  ]);
  const one = { values: ['ES'], first: 0, windows: 3 };
  expect(planner.halve(one)).toBe(true);
  expect(queriesOf(planner)).toEqual([
    { ...one, windows: 2 },
    { ...one, first: 2, windows: 1 },
  ]);
  expect(planner.halve({ ...one, windows: 1 })).toBe(false);
});
