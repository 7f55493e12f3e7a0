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
  expect(parseOne(minimal)).toEqual({ valid: { ...minimal, entries: [], series: [], timezone: 'utc', options: {} } });
});

it('reads entries', () => {
  const entries = [{ stream: 'manager', time: '1970-01-01T00:00:00.5Z', line: 'x', labels: { country: 'es' } }];
  expect(parseOne({ ...minimal, entries })).toMatchObject({
    valid: { entries: [{ time: BigInt(500_000_000), labels: { country: 'es' } }] },
  });
});

const up = { metric: 'up', labels: { job: 'a' }, from_minute: 0, to_minute: 2, value: 1 };

it('reads series in the order of their first samples', () => {
  const counter = { metric: 'cpu', from_minute: -1, to_minute: 0, start: 5, per_minute: 2 };
  expect(parseOne({ ...minimal, day: '1970-01-02T00:00:00Z', series: [up, counter] })).toMatchObject({
    valid: {
      series: [
        { metric: 'cpu', labels: {}, from: 86_340_000, to: 86_400_000, start: 5, perMinute: 2 },
        { metric: 'up', labels: { job: 'a' }, from: 86_400_000, to: 86_520_000, start: 1, perMinute: 0 },
      ],
    },
  });
});

it('reads what else may be expected', () => {
  const expectation = { sources: { a: null }, orFlagged: ['a'], upstream: 'loki' };
  expect(parseOne({ ...minimal, expect: expectation })).toMatchObject({ valid: { expect: expectation } });
});

test.each([
  [{ series: [up], day: undefined }, 'day must be a text, not undefined'],
  [{ series: [{ ...up, metric: 'a b' }] }, 'series[0].metric must be the name of a metric, not "a b"'],
  [{ series: [{ ...up, labels: { 'a-b': '' } }] }, 'series[0].labels has "a-b", which is not a label name'],
  [{ series: [{ ...up, to_minute: -1 }] }, 'series[0] ends before it begins'],
  [{ series: [{ ...up, from_minute: 0.5 }] }, 'series[0].from_minute must be a whole number, not 0.5'],
  [{ series: [{ ...up, start: 1 }] }, 'series[0] must have either "value", or "start" and "per_minute"'],
  [{ series: [{ ...up, value: undefined }] }, 'series[0] must have either "value", or "start" and "per_minute"'],
  [{ series: [{ ...up, value: undefined, start: 1 }] }, 'series[0].per_minute must be a number, not undefined'],
  [
    { series: [{ ...up, from_minute: 2, to_minute: 3 }, up] },
    'series[1] and series[0] are one series and have samples',
  ],
])('says what is wrong with the series %j', (change, problem) => {
  expect(parseOne({ ...minimal, day: minimal.from, ...change })).toEqual({
    malformed: { name: 'a case', problem: expect.stringContaining(problem) },
  });
});

test.each([
  [{ from: 'yesterday' }, 'from must be an RFC 3339 time, not "yesterday"'],
  [{ query: undefined }, 'query must be an object, not undefined'],
  [{ expect: {} }, 'expect must have at least one of "rows", "sources", "upstream" and "error"'],
  [{ expect: { rows: [], orElse: [] } }, 'expect.orElse is unknown'],
  [{ expect: { rows: [], upstream: 'x' } }, 'expect.upstream must be "loki" or "prometheus", not "x"'],
  [{ expect: { rows: [], orFlagged: [1] } }, 'expect.orFlagged[0] must be a text, not 1'],
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
