import { parseRequest, textOfRequest } from '../domain/requestLine';
import { type CountSeries } from '../upstream/loki';
import { CellsBuilder } from './batched';
import { type WindowLines } from './batchPlan';
import { KeyTable } from './keyTable';

const batch = { start: 0, windowMs: 10, windows: 4 };
const label = 'geoip_country_code';

function newBuilder() {
  const table = new KeyTable((text) => parseRequest(text, 'oscar-svc'), 'auth_method');
  return { table, builder: new CellsBuilder(batch, label, textOfRequest, table) };
}

/** A series with one sample in each of some windows, whose evaluation times are 10, 20, … */
function series(text: string, labels: Record<string, string>, countByWindow: Record<number, number>): CountSeries {
  return {
    labels: { ...(text !== '' && { oscar_call: text }), ...labels },
    samples: Object.entries(countByWindow).map(([window, count]) => [(Number(window) + 1) * 10, count]),
  };
}
const indexOf = (time: number) => time / 10 - 1;
const counted = (rows: Array<[string | undefined, number[]]>): Map<string | undefined, WindowLines> =>
  new Map(rows.map(([value, counts]) => [value, Float64Array.from(counts)]));

const spain = { [label]: 'ES' };
const calls = { a: 'POST /run/a | u', b: 'POST /job/b | u', other: 'GET /run/a | u' };

it('adds the series of several answers, window by window', () => {
  const { builder, table } = newBuilder();
  builder.add([series(calls.a, spain, { 0: 1, 2: 5 }), series(calls.b, spain, { 2: 7 })], indexOf);
  builder.add([series(calls.a, {}, { 2: 2, 3: 3 })], indexOf);
  // A key is known by its place in the order of its first line: a of Spain, b of Spain, a of nowhere.
  const cells = [0, 1, 2, 3].map((index) => builder.build(index));
  expect(cells.map(({ start, end }) => [start, end])).toEqual([
    [0, 10],
    [10, 20],
    [20, 30],
    [30, 40],
  ]);
  expect(cells.map(({ ids }) => [...ids])).toEqual([[0], [], [0, 1, 2], [2]]);
  expect(cells.map(({ counts }) => [...counts])).toEqual([[1], [], [5, 7, 2], [3]]);
  expect(table.keyOf(2)).toEqual({
    type: 'sync',
    service: 'a',
    user: 'u',
    country: 'unknown',
    auth: '',
    outcome: 'succeeded',
  });
});

it('takes the index of a window from the caller, whose answer may be about some of them', () => {
  const { builder } = newBuilder();
  builder.add([series(calls.a, spain, { 0: 1 })], (time) => 2 + indexOf(time));
  expect([0, 1, 2, 3].map((index) => builder.build(index).ids.length)).toEqual([0, 0, 1, 0]);
});

it('takes two streams for one key that mean the same', () => {
  const { builder, table } = newBuilder();
  builder.add([series(calls.a, spain, { 1: 3 })], indexOf);
  builder.add([series(calls.a, { geoip_country_name: 'Spain' }, { 1: 4 })], indexOf);
  builder.add([series('POST    /run/a/path | u', { [label]: 'es' }, { 1: 5 })], indexOf);
  const { ids, counts } = builder.build(1);
  expect([...ids]).toEqual([0]);
  expect([...counts]).toEqual([12]);
  expect(table.size).toBe(1);
});

it('sorts ids as numbers, whatever the order in which they come', () => {
  const { builder, table } = newBuilder();
  const texts = Array.from({ length: 20 }, (_, index) => `POST /run/a | u${index}`);
  texts.forEach((text) => table.idOf(text, spain));
  builder.add(
    [...texts].reverse().map((text, index) => series(text, spain, { 0: index + 1 })),
    indexOf
  );
  const { ids, counts } = builder.build(0);
  expect([...ids]).toEqual(texts.map((_, index) => index));
  expect([...counts]).toEqual(texts.map((_, index) => 20 - index));
});

it('counts lines of an unknown form apart, and leaves out those that are no request', () => {
  const { builder } = newBuilder();
  const answer = [series('', spain, { 0: 2 }), series('', {}, { 0: 3, 1: 1 }), series(calls.other, spain, { 0: 9 })];
  builder.add(answer, indexOf);
  expect(builder.build(0)).toMatchObject({ ids: new Uint32Array(), counts: new Uint32Array(), unparsed: 5 });
  expect(builder.build(1).unparsed).toBe(1);
  // They are lines all the same.
  expect(
    builder.isComplete(
      0,
      counted([
        ['ES', [11, 0, 0, 0]],
        [undefined, [3, 1, 0, 0]],
      ])
    )
  ).toBe(true);
});

describe('a window is complete', () => {
  const rows: Array<[string | undefined, number[]]> = [
    ['ES', [3, 0, 1, 0]],
    [undefined, [0, 2, 0, 0]],
  ];
  function filled() {
    const { builder } = newBuilder();
    const answer = [series(calls.a, spain, { 0: 1, 2: 1 }), series(calls.b, spain, { 0: 2 })];
    builder.add([...answer, series(calls.a, { [label]: '' }, { 1: 2 })], indexOf);
    return builder;
  }
  const completeOf = (builder: CellsBuilder, lines: Map<string | undefined, WindowLines>) =>
    [0, 1, 2, 3].map((index) => builder.isComplete(index, lines));

  it('with as many lines of each stream as were counted', () => {
    expect(completeOf(filled(), counted(rows))).toEqual([true, true, true, true]);
    expect(completeOf(newBuilder().builder, counted([]))).toEqual([true, true, true, true]);
  });

  it('not with fewer, nor with more', () => {
    const lines = counted([
      ['ES', [4, 0, 0, 1]],
      [undefined, [0, 2, 0, 0]],
    ]);
    expect(completeOf(filled(), lines)).toEqual([false, true, false, false]);
  });

  it('not with lines of streams that were not counted', () => {
    expect(completeOf(filled(), counted([['ES', [3, 0, 1, 0]]]))).toEqual([true, false, true, true]);
  });

  it('not with the lines of other streams, however many they are together', () => {
    const lines = counted([
      ['ES', [2, 0, 1, 0]],
      ['PL', [1, 0, 0, 0]],
      [undefined, [0, 2, 0, 0]],
    ]);
    expect(completeOf(filled(), lines)).toEqual([false, true, true, true]);
  });

  it('with the other parts of one that was counted as a whole, or none of them is', () => {
    const whole = counted([
      ['ES', [3, 1]],
      [undefined, [2, 0]],
    ]);
    expect(completeOf(filled(), whole)).toEqual([true, true, true, true]);
    const more = counted([
      ['ES', [3, 2]],
      [undefined, [2, 0]],
    ]);
    expect(completeOf(filled(), more)).toEqual([true, true, false, false]);
  });
});

it('keeps what Loki says about an answer with the windows that it is about, once', () => {
  const { builder } = newBuilder();
  builder.warn(1, 2, ['partial']);
  builder.warn(2, 2, ['partial', 'slow']);
  expect([0, 1, 2, 3].map((index) => builder.build(index).warnings)).toEqual([
    undefined,
    ['partial'],
    ['partial', 'slow'],
    ['partial', 'slow'],
  ]);
  expect(builder.build(0)).not.toHaveProperty('warnings');
});
