import { parseCases } from './caseFile';
import { parseNanoseconds } from './time';

const minimal = {
  name: 'a case',
  from: '2026-06-15T00:00:00.000Z',
  to: '2026-06-15T23:59:59.999Z',
  query: { queryType: 'summary' },
  expect: { rows: [{}] },
};

function parseOne(value: object) {
  return parseCases(JSON.stringify({ cases: [value] }), 'file.json')[0];
}

it('fills in the defaults', () => {
  expect(parseOne(minimal)).toEqual({ valid: { ...minimal, entries: [], timezone: 'utc', options: {} } });
});

it('reads entries', () => {
  const entries = [{ stream: 'manager', time: '1970-01-01T00:00:00.5Z', line: 'x', labels: { country: 'es' } }];
  expect(parseOne({ ...minimal, entries })).toMatchObject({
    valid: { entries: [{ time: BigInt(500_000_000), labels: { country: 'es' } }] },
  });
});

test.each([
  [{ from: 'yesterday' }, 'from must be an RFC 3339 time, not "yesterday"'],
  [{ query: undefined }, 'query must be an object, not undefined'],
  [{ expect: {} }, 'expect must have at least one of "rows", "sources" and "error"'],
  [{ expect: { rows: [1] } }, 'expect.rows[0] must be an object, not 1'],
  [{ expect: { sources: { a: 1 } } }, 'expect.sources.a must be a text, not 1'],
  [{ entries: [{ stream: 'x' }] }, 'entries[0].stream must be "manager" or "ingress", not "x"'],
  [{ entries: [{ stream: 'manager', time: '2026' }] }, 'entries[0].time must be an RFC 3339 time'],
])('says what is wrong with %j', (change, problem) => {
  expect(parseOne({ ...minimal, ...change })).toEqual({
    malformed: { name: 'a case', problem: expect.stringContaining(problem) },
  });
});

it('names a case without a name by its number', () => {
  expect(parseOne({})).toMatchObject({ malformed: { name: 'case 1' } });
});

test.each(['{', '[]', '{"cases": {}}'])('refuses the file %s', (text) => {
  expect(() => parseCases(text, 'file.json')).toThrow('file.json');
});

test.each([
  ['1970-01-01T00:00:00Z', BigInt(0)],
  ['1970-01-01T00:00:01.000000001Z', BigInt(1_000_000_001)],
  ['1970-01-01T02:00:00.1+02:00', BigInt(100_000_000)],
  ['2026-02-30T25:00:00Z', undefined],
  ['2026-01-01', undefined],
])('reads the time %s', (time, expected) => {
  expect(parseNanoseconds(time)).toBe(expected);
});
