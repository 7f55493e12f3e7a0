import { answerFrames } from './answerFrames';

const circumstances = {
  notices: [{ severity: 'warning' as const, text: 'x' }],
  remarks: [],
  completeness: [],
  executedQueries: 'q',
  loading: false,
};
const target = { refId: 'B', queryType: 'breakdown' as const };

it('makes one frame of a table, whose columns have decimals and no units', () => {
  const columns = [
    { name: 'key', type: 'text' as const, values: ['a', 'b'] },
    { name: 'hours', type: 'hours' as const, values: [1.23456, null] },
  ];
  const frames = answerFrames({ kind: 'table', table: { columns, length: 2 }, ...circumstances }, target);
  expect(frames).toHaveLength(1);
  expect(frames[0]).toMatchObject({
    name: 'breakdown',
    refId: 'B',
    length: 2,
    fields: [
      { name: 'key', type: 'string', config: {}, values: ['a', 'b'] },
      { name: 'hours', type: 'number', config: { decimals: 2 }, values: [1.23456, null] },
    ],
    meta: {
      preferredVisualisationType: 'table',
      executedQueryString: 'q',
      notices: [{ severity: 'warning', text: 'x', inspect: 'meta' }],
      custom: { completeness: [] },
    },
  });
  expect(frames[0]?.fields.every(({ config }) => config.unit === undefined)).toBe(true);
});

it('makes a field of each series', () => {
  const series = [
    { name: 'cpu_hours', labels: { service: 'a' }, unit: 'h' as const, displayName: 'a', values: [1, null] },
  ];
  const timeSeries = { starts: [0, 1], series };
  const [frame, ...others] = answerFrames({ kind: 'timeseries', timeSeries, ...circumstances }, target);
  expect(others).toEqual([]);
  expect(frame).toMatchObject({
    refId: 'B',
    length: 2,
    fields: [
      { name: 'time', type: 'time', values: [0, 1] },
      {
        name: 'cpu_hours',
        type: 'number',
        labels: { service: 'a' },
        config: { unit: 'h', displayNameFromDS: 'a' },
        values: [1, null],
      },
    ],
    meta: { preferredVisualisationType: 'graph' },
  });
});

it('makes none of a failure', () => {
  expect(answerFrames({ kind: 'failure', message: 'no' }, target)).toEqual([]);
});
