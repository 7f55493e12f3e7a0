import fc from 'fast-check';

import { defaultLimits } from '../../upstream/learnedLimits';
import { Estimate } from './estimate';
import { type Tile, TilePlanner, type WindowLines } from './tilePlanner';

const dayMs = 86_400_000;

type Lines = Map<string | undefined, WindowLines>;

/** Lines by value and window: some values with many, some with few, and streams without a value or none of these. */
const block = fc.integer({ min: 1, max: 20 }).chain((windows) => {
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

/** What a Loki may answer about a tile. */
const answer = fc.oneof(
  { weight: 3, arbitrary: fc.record({ keysPerLine: fc.double({ min: 0.01, max: 1, noNaN: true }) }) },
  { weight: 1, arbitrary: fc.record({ limit: fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }) }) }
);

/** Streams in the tiles, by value and window: once for each tile in which they are. */
function streamsIn(tiles: readonly Tile[], planner: TilePlanner, probes: ReadonlyArray<string | undefined>) {
  return tiles.flatMap((tile) => {
    const { values, has } = planner.streamsOf(tile);
    const selected = probes.filter((probe) => values.includes(probe ?? '') === has);
    return Array.from({ length: tile.windows }, (_, index) =>
      selected.map((probe) => `${probe} in ${tile.first + index}`)
    ).flat();
  });
}

function allOf(values: ReadonlyArray<string | undefined>, windows: number): string[] {
  return values.flatMap((value) => Array.from({ length: windows }, (_, index) => `${value} in ${index}`));
}

it('reads each stream in each window once, whatever is too large and whatever it learns', () => {
  fc.assert(
    fc.property(
      block,
      fc.integer({ min: 1, max: 500 }),
      fc.infiniteStream(answer),
      ({ lines, windows }, maxSeries, answers) => {
        const estimate = new Estimate({ ...defaultLimits(), maxSeries });
        const planner = new TilePlanner(lines, windows, dayMs, estimate);
        const taken: Tile[] = [];
        for (let tile = planner.next(); tile; tile = planner.next()) {
          const own = planner.linesOf(tile);
          const total = [...own.values()].reduce((sum, count) => sum + count, 0);
          const told = answers.next().value;
          if ('keysPerLine' in told) {
            estimate.learnTile(own, Math.ceil(total * told.keysPerLine), tile.windows * dayMs, undefined);
            taken.push(tile);
          } else {
            estimate.learnTooManyKeys(own.keys(), told.limit);
            // What can't be halved would be read in another way.
            taken.push(...(planner.halve(tile) ? [] : [tile]));
          }
        }
        const probes = [...new Set([undefined, 'value that came later', ...lines.keys()])];
        expect(streamsIn(taken, planner, probes).sort()).toEqual(allOf(probes, windows).sort());
      }
    )
  );
});

it('knows the lines of each tile', () => {
  fc.assert(
    fc.property(block, ({ lines, windows }) => {
      const planner = new TilePlanner(lines, windows, dayMs, new Estimate(defaultLimits()));
      const found = new Map<string | undefined, number>();
      for (let tile = planner.next(); tile; tile = planner.next()) {
        planner.linesOf(tile).forEach((count, value) => found.set(value, (found.get(value) ?? 0) + count));
      }
      lines.forEach((own, value) => expect(found.get(value)).toBe(own.reduce((sum, count) => sum + count, 0)));
    })
  );
});

/** What a tile is expected to use of a query. */
function fillOf(tile: Tile, planner: TilePlanner, estimate: Estimate): number {
  return [...planner.linesOf(tile)].reduce(
    (sum, [value, lines]) => sum + estimate.shareOfLimit(value, lines, tile.windows * dayMs),
    0
  );
}

it('plans no tile that is too much for one query, but a single window of a single value', () => {
  fc.assert(
    fc.property(
      block,
      fc.integer({ min: 3, max: 500 }),
      fc.double({ min: 0.01, max: 1, noNaN: true }),
      ({ lines, windows }, maxSeries, keysPerLine) => {
        const estimate = new Estimate({ ...defaultLimits(), maxSeries });
        estimate.learnTile(new Map([['ES', 1000]]), 1000 * keysPerLine, dayMs, undefined);
        const planner = new TilePlanner(lines, windows, dayMs, estimate);
        for (let tile = planner.next(); tile; tile = planner.next()) {
          if (tile.windows > 1 || tile.values.length > 1) {
            expect(fillOf(tile, planner, estimate)).toBeLessThanOrEqual(1 + 1e-9);
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
  new TilePlanner(linesOf(rows), 3, dayMs, new Estimate({ ...defaultLimits(), maxSeries }));

/** All tiles of a planner that learns nothing. */
function tilesOf(planner: TilePlanner): Tile[] {
  const tiles: Tile[] = [];
  for (let tile = planner.next(); tile; tile = planner.next()) {
    tiles.push(tile);
  }
  return tiles;
}

it('asks for all streams at once where they are few', () => {
  const planner = planned(quiet);
  const tiles = tilesOf(planner);
  expect(tiles).toEqual([{ values: ['DE', 'ES', 'PL', undefined], first: 0, windows: 3 }]);
  expect(planner.streamsOf(tiles[0] as Tile)).toEqual({ values: [], has: false });
});

it('fills queries with whole columns, the largest first, and names the values that are not in the last one', () => {
  const planner = planned(quiet, 135);
  const tiles = tilesOf(planner);
  expect(tiles.map(({ values }) => values)).toEqual([
    ['DE', undefined],
    ['ES', 'PL'],
  ]);
  expect(tiles.map((tile) => planner.streamsOf(tile))).toEqual([
    { values: ['ES', 'PL'], has: false },
    { values: ['ES', 'PL'], has: true },
  ]);
});

it('cuts columns that are too large as a whole, in turns, until what is left of one fits', () => {
  expect(tilesOf(planned({ ES: [300, 300, 300], PL: [200, 200, 400] }))).toEqual([
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
  const planner = new TilePlanner(linesOf(rows), 10, dayMs, new Estimate(defaultLimits()));
  const lengths = tilesOf(planner).flatMap(({ values, windows }) => (values.includes('ES') ? [windows] : []));
  expect(lengths).toEqual([4, 3, 3]);
});

it('fits only where a query holds two windows of each column, or more', () => {
  expect(planned({ ES: [200, 10, 10], PL: [204, 0, 0] }).fits).toBe(true);
  expect(planned({ ES: [10, 10, 10], PL: [0, 206, 0] }).fits).toBe(false);
});

it('halves what is too large by its values, then by its windows, and not a single window of one', () => {
  const planner = planned(quiet);
  const whole = planner.next() as Tile;
  expect(planner.halve(whole)).toBe(true);
  expect(tilesOf(planner).map(({ values }) => values)).toEqual([
    ['DE', 'PL'],
    ['ES', undefined],
  ]);
  const one = { values: ['ES'], first: 0, windows: 3 };
  expect(planner.halve(one)).toBe(true);
  expect(tilesOf(planner)).toEqual([
    { ...one, windows: 2 },
    { ...one, first: 2, windows: 1 },
  ]);
  expect(planner.halve({ ...one, windows: 1 })).toBe(false);
});
