import { parseRequest } from '../domain/requestLine';
import { buildCell, CellBuilder, type LineGroup } from './cell';
import { dimensions, KeyTable } from './keyTable';

const newTable = () => new KeyTable((text) => parseRequest(text, 'oscar-svc'), 'auth_method');
const span = { start: 0, end: 10 };

it('adds up groups that mean the same, and keeps ids ascending', () => {
  const table = newTable();
  const b = { text: 'POST /run/b | u', labels: {}, count: 1 };
  buildCell(span, [b], table);
  const groups: LineGroup[] = [
    { text: 'POST    /run/a | u', labels: { country: 'ES' }, count: 2 },
    { text: 'POST    /run/a/x | u', labels: { geoip_country_code: 'es' }, count: 3 },
    { text: 'GET     /run/a | u', labels: {}, count: 100 },
    { text: '', labels: {}, count: 4 },
    b,
  ];
  const cell = buildCell(span, groups, table);
  expect([...cell.ids]).toEqual([0, 1]);
  expect([...cell.counts]).toEqual([1, 5]);
  expect(cell.unparsed).toBe(4);
  expect(dimensions.map((dimension) => table.nameOf(dimension, 1))).toEqual(['sync', 'a', 'u', 'ES', '', 'succeeded']);
});

it('knows when services were first and last called, where the lines told', () => {
  const table = newTable();
  const builder = new CellBuilder(span, table);
  builder.add('POST    /run/a | u', {}, 1, 5);
  builder.add('POST    /run/a | u', {}, 1, 7);
  builder.add('POST    /job/a | v', { country: 'ES' }, 3, 9);
  builder.add('POST    /run/a | w', {}, 1, 2);
  builder.add('POST    /run/b | u', {}, 1, 4);
  builder.add('GET     /run/c | u', {}, 1, 1);
  expect(builder.keys).toBe(4);
  expect(builder.build().seen).toEqual({
    services: ['a', 'b'],
    first: Float64Array.of(2, 4),
    last: Float64Array.of(9, 4),
  });
  expect(buildCell(span, [{ text: 'POST    /run/a | u', labels: {}, count: 2 }], table).seen).toBeUndefined();
});

it('keeps apart what differs only in country or way of authentication', () => {
  const table = newTable();
  const text = 'POST /run/a | u';
  const labels: Array<Record<string, string>> = [
    {},
    { country: 'ES' },
    { auth_method: 'oidc' },
    { country: 'ES', auth_method: 'oidc' },
  ];
  const ids = labels.map((own) => table.idOf(text, own));
  expect(new Set(ids).size).toBe(4);
  expect(table.idOf(text, { country_code: 'es' })).toBe(ids[1]);
});

it('sorts ids as numbers', () => {
  const table = newTable();
  const groups = Array.from({ length: 200 }, (_, index) => ({ text: `POST /run/a | u${index}`, labels: {}, count: 1 }));
  buildCell(span, groups, table);
  const { ids } = buildCell(span, [...groups].reverse(), table);
  expect([...ids]).toEqual(Array.from({ length: 200 }, (_, index) => index));
});
