import { type DataFrame } from '@grafana/data';

import { columnsOf } from './columns';
import { isFlagged, rowDifferences, sourceDifferences } from './compare';
import { frameProblems, sourceStatuses } from './frames';

describe('rowDifferences', () => {
  test.each([
    ['exact counts', { n: 1 }, { n: 1 }, []],
    ['another count', { n: 2 }, { n: 1 }, ['row 1: n: expected 1, got 2']],
    ['null', { n: 0 }, { n: null }, ['row 1: n: expected null, got 0']],
    ['undefined instead of null', { n: undefined }, { n: null }, ['row 1: n: expected null, got nothing']],
    ['percentages within 0.05', { percentage: 66.65 }, { percentage: 66.7 }, []],
    ['percentages beyond', { percentage: 66.6 }, { percentage: 66.7 }, ['row 1: percentage: expected 66.7, got 66.6']],
    ['hours of a metric', { metric: 'cpu-hours', value: 1.04 }, { value: 1 }, []],
    ['counts of a metric', { metric: 'users', value: 1.04 }, { value: 1 }, ['row 1: value: expected 1, got 1.04']],
    ['absent column', { n: 1 }, { m: 1 }, ['row 1: missing column m']],
  ])('%s', (_, actual, expected, differences) => {
    expect(rowDifferences([actual], [expected])).toEqual(differences);
  });

  it('wants all rows and no other', () => {
    expect(rowDifferences([{ a: 1, b: 2 }, { a: 3 }], [{ a: 1 }])).toEqual(['expected 1 rows, got 2: [[1], [3]]']);
    expect(rowDifferences([], [{ a: 1 }])).toEqual(['expected 1 rows, got 0: []']);
  });
});

function frame(fields: Record<string, unknown[]>, rest: Partial<DataFrame> = {}): DataFrame {
  return {
    name: 'country',
    refId: 'A',
    length: Object.values(fields)[0]?.length ?? 0,
    fields: Object.entries(fields).map(([name, values]) => ({ name, values, config: {}, type: 'other' as never })),
    ...rest,
  };
}

describe('frames', () => {
  const columns = {
    country: ['ES'],
    country_name: ['Spain'],
    request_count: [1],
    percentage: [100],
    completeness: ['ok'],
  };
  const query = { queryType: 'country' };

  it('accepts further columns and annotations', () => {
    const annotations = frame({ time: [1] }, { meta: { dataTopic: 'annotations' as never } });
    expect(frameProblems([frame({ ...columns, more: [1] }), annotations], query, 'A')).toEqual([]);
  });

  it('finds what the contract does not allow', () => {
    const swapped = frame({ country_name: ['Spain'], country: ['ES'] }, { name: 'x', refId: undefined });
    expect(frameProblems([swapped], query, 'A')).toEqual([
      'frame.refId is undefined, expected "A"',
      'frame.name is "x", expected "country"',
      'column 1 is country_name, expected country (country_name country)',
    ]);
    expect(frameProblems([], query, 'A')).toEqual(['expected exactly one frame, got 0']);
    expect(frameProblems([frame(columns), frame(columns)], query, 'A')).toEqual(['expected exactly one frame, got 2']);
    expect(frameProblems([frame({ ...columns, more: [] })], query, 'A')).toEqual([
      'columns have different lengths: 1, 0',
    ]);
  });

  it('knows the columns of each query', () => {
    expect(columnsOf({ queryType: 'summary', interval: 'month', includeUsers: true })).toEqual(
      expect.arrayContaining(['period', 'start_time', 'users'])
    );
    expect(columnsOf({ queryType: 'summary', format: 'timeseries' })).toBeUndefined();
    expect(columnsOf({ queryType: 'breakdown', groupBy: 'user', includeUsers: true })?.at(-1)).toBe('completeness');
  });

  it('wants the chosen columns, their keys, and no others', () => {
    const columns = ['requests_count_failed', 'countries'];
    const names = (...fields: string[]) =>
      frameProblems(
        [frame(Object.fromEntries(fields.map((name) => [name, [1]])), { name: 'breakdown' })],
        { queryType: 'breakdown', groupBy: 'service', interval: 'day', columns },
        'A'
      );
    expect(names('period', 'key', 'countries', 'completeness', 'requests_count_failed')).toEqual([]);
    expect(names('period', 'countries', 'completeness', 'requests_count_failed')).toEqual(['missing column key']);
    expect(names('period', 'key', 'countries', 'cpu_hours', 'completeness', 'requests_count_failed')).toEqual([
      'columns that were not chosen: cpu_hours',
    ]);
    expect(names('period', 'key', 'completeness', 'countries', 'requests_count_failed')).toEqual([
      expect.stringContaining('the columns are in the order period key completeness countries'),
    ]);
  });

  test.each([
    [[{ source: 'a', status: 'ok' }]],
    [{ sources: [{ source: 'a', status: 'ok' }] }],
    [{ sources: { a: { status: 'ok' } } }],
    [{ a: 'ok' }],
    [{ a: { status: 'ok' } }],
  ])('reads the sources of %j', (completeness) => {
    const statuses = sourceStatuses(frame({}, { meta: { custom: { completeness } } }));
    expect(sourceDifferences(statuses, { a: 'ok' })).toEqual([]);
    expect(sourceDifferences(statuses, { a: 'missing' })).toEqual(['source a: expected "missing", got "ok"']);
    expect(sourceDifferences(statuses, { b: 'ok' })).toEqual(['source b: expected "ok", got nothing']);
    expect(sourceDifferences(statuses, { b: null })).toEqual([]);
    expect(sourceDifferences(statuses, { a: null })).toEqual(['source a: expected nothing, got "ok"']);
  });

  it('tells a flagged source from one that is ok or not mentioned', () => {
    const statuses = new Map([
      ['a', 'ok'],
      ['b', 'partial'],
    ]);
    expect(isFlagged(statuses, ['a', 'c'])).toBe(false);
    expect(isFlagged(statuses, ['a', 'b'])).toBe(true);
  });
});
