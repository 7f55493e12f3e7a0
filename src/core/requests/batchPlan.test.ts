import fc from 'fast-check';

import { dayMs } from '../domain/duration';
import { defaultLimits } from '../upstream/learnedLimits';
import { BatchPlan, type BatchQuery, type WindowLines } from './batchPlan';
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

/** A plan of days with these lines, each of which may be a key of its own. */
function planOf(lines: Lines, windows: number, estimate: Estimate, parts = 1): BatchPlan {
  const partition = { label: 'geoip_country_code', lines, keyed: lines };
  return new BatchPlan({ start: 0, windowMs: dayMs, windows }, partition, parts, estimate);
}

/** The days that a plan reads, as long as a query holds a day of each column and as much again. */
function daysThatFit(lines: Lines, windows: number, estimate: Estimate): number[] {
  return Array.from({ length: windows }, (_, index) => index).filter((index) =>
    [...lines].every(([value, own]) => estimate.shareOfLimit(value, own[index] ?? 0, dayMs) <= 0.5)
  );
}

/** What a Loki may answer about a query. */
const answer = fc.oneof(
  { weight: 3, arbitrary: fc.record({ keysPerLine: fc.double({ min: 0.01, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ limit: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }) }) }
);

/** Streams in the queries, by value and window: once for each query in which they are. */
function streamsIn(queries: readonly BatchQuery[], plan: BatchPlan, probes: ReadonlyArray<string | undefined>) {
  return queries.flatMap((query) => {
    const { values, has } = plan.streamsOf(query);
    const selected = probes.filter((probe) => values.includes(probe ?? '') === has);
    return Array.from({ length: query.windows }, (_, index) =>
      selected.map((probe) => `${probe} in ${query.first + index}`)
    ).flat();
  });
}

function allOf(values: ReadonlyArray<string | undefined>, windows: readonly number[]): string[] {
  return values.flatMap((value) => windows.map((index) => `${value} in ${index}`));
}

it('reads each stream once in each window that fits, whatever is too large and whatever it learns', () => {
  fc.assert(
    fc.property(
      batch,
      fc.integer({ min: 1, max: 500 }),
      fc.infiniteStream(answer),
      ({ lines, windows }, maxSeries, answers) => {
        const estimate = new Estimate({ ...defaultLimits(), maxSeries });
        const plan = planOf(lines, windows, estimate);
        const fitting = daysThatFit(lines, windows, estimate);
        expect(plan.windows).toBe(fitting.length);
        const taken: BatchQuery[] = [];
        for (let query = plan.next(); query; query = plan.next()) {
          const own = plan.linesOf(query);
          const total = [...own.values()].reduce((sum, count) => sum + count, 0);
          const told = answers.next().value;
          if ('keysPerLine' in told) {
            estimate.learnBatchQuery(own, Math.ceil(total * told.keysPerLine), query.windows * dayMs, undefined);
            taken.push(query);
          } else {
            estimate.learnTooManyKeys(own.keys(), told.limit);
            plan.halve(query);
            // What can't be halved would be read in another way.
            taken.push(...(query.values.length === 1 && query.windows === 1 ? [query] : []));
          }
        }
        const probes = [...new Set([undefined, 'value that came later', ...lines.keys()])];
        expect(streamsIn(taken, plan, probes).sort()).toEqual(allOf(probes, fitting).sort());
      }
    )
  );
});

it('knows the lines of each query', () => {
  fc.assert(
    fc.property(batch, ({ lines, windows }) => {
      const estimate = new Estimate(defaultLimits());
      const fitting = daysThatFit(lines, windows, estimate);
      const plan = planOf(lines, windows, estimate);
      const found = new Map<string | undefined, number>();
      for (let query = plan.next(); query; query = plan.next()) {
        plan.linesOf(query).forEach((count, value) => found.set(value, (found.get(value) ?? 0) + count));
      }
      lines.forEach((own, value) =>
        expect(found.get(value) ?? 0).toBe(fitting.reduce((sum, index) => sum + (own[index] ?? 0), 0))
      );
    })
  );
});

/** What a query is expected to use of its limits. */
function fillOf(query: BatchQuery, plan: BatchPlan, estimate: Estimate): number {
  return [...plan.linesOf(query)].reduce(
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
        const plan = planOf(lines, windows, estimate);
        for (let query = plan.next(); query; query = plan.next()) {
          if (query.windows > 1 || query.values.length > 1) {
            expect(fillOf(query, plan, estimate)).toBeLessThanOrEqual(1 + 1e-9);
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
  planOf(linesOf(rows), 3, new Estimate({ ...defaultLimits(), maxSeries }));

/** All queries of a plan that learns nothing. */
function queriesOf(plan: BatchPlan): BatchQuery[] {
  const queries: BatchQuery[] = [];
  for (let query = plan.next(); query; query = plan.next()) {
    queries.push(query);
  }
  return queries;
}

it('asks for all streams at once where they are few', () => {
  const plan = planned(quiet);
  const queries = queriesOf(plan);
  expect(queries).toEqual([{ values: ['DE', 'ES', 'PL', undefined], first: 0, windows: 3 }]);
  expect(plan.streamsOf(queries[0] as BatchQuery)).toEqual({ label: 'geoip_country_code', values: [], has: false });
});

it('fills queries with whole columns, the largest first, and names the values that are not in the last one', () => {
  const plan = planned({ ES: [20, 20, 20], PL: [5, 5, 5], DE: [40, 30, 30] }, 135);
  const queries = queriesOf(plan);
  expect(queries.map(({ values }) => values)).toEqual([
    ['DE', undefined],
    ['ES', 'PL'],
  ]);
  expect(queries.map((query) => plan.streamsOf(query))).toEqual([
    { label: 'geoip_country_code', values: ['ES', 'PL'], has: false },
    { label: 'geoip_country_code', values: ['ES', 'PL'], has: true },
  ]);
});

it('cuts columns that are too large as a whole, in turns, until what is left of one fits', () => {
  const days = 7;
  const lines = linesOf({ ES: new Array<number>(days).fill(200), PL: new Array<number>(days).fill(150) });
  const queries = queriesOf(planOf(lines, days, new Estimate(defaultLimits())));
  expect(queries.map(({ values, first, windows }) => [values[0], first, windows])).toEqual([
    [undefined, 0, 7],
    ['ES', 0, 2],
    ['PL', 0, 2],
    ['ES', 2, 2],
    ['PL', 2, 2],
    ['ES', 4, 2],
    ['ES', 6, 1],
    ['PL', 4, 2],
    ['PL', 6, 1],
  ]);
});

it('cuts parts that are about equal', () => {
  const rows = { ES: Array.from({ length: 10 }, () => 100) };
  const plan = planOf(linesOf(rows), 10, new Estimate(defaultLimits()));
  const lengths = queriesOf(plan).flatMap(({ values, windows }) => (values.includes('ES') ? [windows] : []));
  expect(lengths).toEqual([4, 3, 3]);
});

it('leaves windows of which a query holds less than two, and reads those between them apart', () => {
  const plan = planned({ ES: [204, 206, 10], PL: [204, 0, 204] });
  expect(plan.windows).toBe(2);
  expect(queriesOf(plan).map(({ first, windows }) => [first, windows])).toEqual([
    [0, 1],
    [2, 1],
  ]);
});

it('reads windows in parts, with as much of their lines', () => {
  const lines = linesOf({ ES: [400, 20, 800] });
  const plan = planOf(lines, 3, new Estimate(defaultLimits()), 2);
  expect(plan.batch).toEqual({ start: 0, windowMs: dayMs / 2, windows: 6 });
  expect(plan.windows).toBe(4);
  const queries = queriesOf(plan);
  const read = queries.flatMap((query) =>
    query.values.includes('ES') ? [[query.first, plan.linesOf(query).get('ES')]] : []
  );
  expect(read).toEqual([
    [0, 400],
    [2, 20],
  ]);
});

it('halves what is too large by its values, then by its windows, and not a single window of one', () => {
  const plan = planned(quiet);
  const whole = plan.next() as BatchQuery;
  plan.halve(whole);
  expect(queriesOf(plan).map(({ values }) => values)).toEqual([
    ['DE', 'PL'],
    ['ES', undefined],
  ]);
  const one = { values: ['ES'], first: 0, windows: 3 };
  plan.halve(one);
  expect(queriesOf(plan)).toEqual([
    { ...one, windows: 2 },
    { ...one, first: 2, windows: 1 },
  ]);
  plan.halve({ ...one, windows: 1 });
  expect(plan.next()).toBeUndefined();
});
