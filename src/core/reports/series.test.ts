import { finish } from '../../testing/finish';
import { type SeriesBlock } from './report';
import { timeSeriesOf } from './series';

const block = (start: number, values: number[], rest: Partial<SeriesBlock> = {}): SeriesBlock => ({
  period: { start, end: start + 1, label: '' },
  points: values.map((value) => ({
    name: 'gpu_hours_active',
    labels: { service: 'a' },
    unit: 'h',
    value,
    sources: ['usage-gpu'],
  })),
  missing: new Set(),
  unknown: new Set(),
  ...rest,
});

it('fills a bucket without a point with 0, or with null where a source or the figure is not known', () => {
  const { starts, series } = finish(
    timeSeriesOf([
      block(0, [2]),
      block(1, []),
      block(2, [], { missing: new Set(['usage-gpu']) }),
      block(3, [], { unknown: new Set(['gpu_hours_active']) }),
      block(4, [], { missing: new Set(['usage-cpu']), unknown: new Set(['gpu_hours_allocated']) }),
    ])
  );
  expect(starts).toEqual([0, 1, 2, 3, 4]);
  expect(series.map(({ values }) => values)).toEqual([[2, 0, null, null, 0]]);
});
