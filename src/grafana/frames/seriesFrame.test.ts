import { type SeriesBlock } from '../../core/reports/report';
import { finish } from '../../testing/finish';
import { seriesFrame } from './seriesFrame';

const meta = { name: 'breakdown', refId: 'A', executedQueryString: '', notices: [], completeness: [] };
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

const frameOf = (blocks: SeriesBlock[]) => finish(seriesFrame(blocks, meta));

it('fills a bucket without a point with 0, or with null where a source or the figure is not known', () => {
  const frame = frameOf([
    block(0, [2]),
    block(1, []),
    block(2, [], { missing: new Set(['usage-gpu']) }),
    block(3, [], { unknown: new Set(['gpu_hours_active']) }),
    block(4, [], { missing: new Set(['usage-cpu']), unknown: new Set(['gpu_hours_allocated']) }),
  ]);
  expect(frame.fields.map(({ values }) => values)).toEqual([
    [0, 1, 2, 3, 4],
    [2, 0, null, null, 0],
  ]);
});
