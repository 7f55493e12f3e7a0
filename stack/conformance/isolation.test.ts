import { dayMs } from '../../src/core/domain/duration';
import { type ConformanceCase } from './caseFile';
import { isolatedOptions, withMatcher } from './isolation';
import { batchesOf, type PushStream, streamsOf, windowsOf } from './seed';

test.each([
  ['{a="b"}', '{a="b", x="1"}'],
  ['{}', '{x="1"}'],
  ['{a=~"x{2}|}", b=`}`,}', '{a=~"x{2}|}", b=`}`, x="1"}'],
  ['{a="\\"}"} |= "}"', '{a="\\"}", x="1"} |= "}"'],
])('adds a matcher to %s', (selector, expected) => {
  expect(withMatcher(selector, 'x="1"')).toBe(expected);
});

it('refuses what is no selector', () => {
  expect(() => withMatcher('app', 'x="1"')).toThrow('{label="value"}');
});

it("keeps the case's own options", () => {
  const testCase = { options: { requestSelector: '{app="o"}', exposedSelector: '', roster: ['a'] } };
  expect(isolatedOptions(testCase as unknown as ConformanceCase, 'r-1')).toEqual({
    requestSelector: '{app="o", oscar_case="r-1"}',
    exposedSelector: '',
    roster: ['a'],
  });
});

describe('streams', () => {
  const at = (time: bigint, line: string, labels = {}) => ({ stream: 'manager' as const, time, line, labels });

  it('are in time order, without what Loki keeps only once', () => {
    const streams = streamsOf(
      [at(BigInt(2), 'b'), at(BigInt(1), 'a'), at(BigInt(2), 'b'), at(BigInt(2), 'c'), at(BigInt(2), 'b', { x: '1' })],
      'r-1'
    );
    expect(streams).toEqual([
      {
        stream: { namespace: 'oscar', app: 'oscar', oscar_case: 'r-1' },
        values: [
          ['1', 'a'],
          ['2', 'b'],
          ['2', 'c'],
        ],
      },
      { stream: { namespace: 'oscar', app: 'oscar', oscar_case: 'r-1', x: '1' }, values: [['2', 'b']] },
    ]);
  });

  it('are cut into batches that keep their order', () => {
    const stream = (name: string, count: number): PushStream => ({
      stream: { name },
      values: Array.from({ length: count }, (_, index) => [String(index), name]),
    });
    const batches = batchesOf([stream('a', 5), stream('b', 2)], 3);
    expect(batches.map((batch) => batch.map(({ stream: { name }, values }) => `${name}${values.length}`))).toEqual([
      ['a3'],
      ['a2', 'b1'],
      ['b1'],
    ]);
  });

  it('are counted in windows of whole days that no query limit refuses', () => {
    const time = (milliseconds: number, nanoseconds = 0) =>
      [String(BigInt(milliseconds) * BigInt(1_000_000) + BigInt(nanoseconds)), ''] as [string, string];
    const values = [time(10 * dayMs), time(10 * dayMs, 1), time(40 * dayMs), time(40 * dayMs + 1)];
    expect(windowsOf([{ stream: {}, values }])).toEqual([
      { start: 10 * dayMs, end: 11 * dayMs },
      { start: 40 * dayMs, end: 41 * dayMs },
    ]);
  });
});
