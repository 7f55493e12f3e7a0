import { parseRequest } from '../domain/requestLine';
import { KeyTable } from './keyTable';

const tableOf = () => {
  const parse = jest.fn((text: string) => parseRequest(text, 'oscar-svc'));
  return { parse, table: new KeyTable(parse, 'auth_method') };
};

it('remembers texts by their size', () => {
  const { table } = tableOf();
  const before = table.bytes;
  let largest = 0;
  for (let index = 0; index < 60_000; index += 1) {
    table.idOf(`POST    /job/${String(index).padStart(300, 'A')} | u`, {});
    largest = Math.max(largest, table.bytes - before);
  }
  expect(table.size).toBe(1);
  // Four million characters of two bytes, and 150 bytes for each of the texts.
  expect(largest).toBeLessThan(2 * 4_100_000 + 150 * 15_000);
});

it('remembers no long text', () => {
  const { table, parse } = tableOf();
  const before = table.bytes;
  for (let index = 0; index < 1000; index += 1) {
    table.idOf(`POST    /job/${String(index).padStart(8000, 'A')} | u`, { auth_method: `a${index}` });
  }
  expect(table.bytes - before).toBeLessThan(1000 * 400 + 100_000);
  table.idOf('POST /run/a | u', {});
  table.idOf('POST /run/a | u', {});
  expect(parse).toHaveBeenCalledTimes(1001);
});

it('gives each text its key again after it was forgotten', () => {
  const { table } = tableOf();
  const texts = Array.from({ length: 20_000 }, (_, index) => `POST /run/a | u${index % 7}${' '.repeat(400)}`);
  const ids = texts.map((text) => table.idOf(text, {}));
  expect(new Set(ids).size).toBe(7);
  expect(texts.map((text) => table.idOf(text, {}))).toEqual(ids);
});

it('remembers few texts of countries', () => {
  const { table } = tableOf();
  const ids = Array.from({ length: 10_000 }, (_, index) => table.idOf('POST /run/a | u', { country: `x${index}` }));
  expect(new Set(ids).size).toBe(1);
  expect(table.idOf('POST /run/a | u', { country: 'Spain' })).toBe(1);
});
