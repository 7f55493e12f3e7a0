import { type CompletenessEntry } from '../../core/completeness/notices';
import { gapFrames } from './gapFrame';

const entry: CompletenessEntry = {
  source: '<i>usage</i>',
  status: 'missing',
  coverage_percent: 0,
  covered_from: null,
  covered_to: null,
  last_updated: '2026-10-02T00:00:00.000Z',
  affected_metrics: [],
  notes: [],
  missing: [
    {
      from: '2026-10-01T00:00:00.000Z',
      to: '2026-10-01T23:59:59.999Z',
      kind: 'unread',
      note: 'HTTP 400: <img src=x onerror=alert(1)>',
    },
  ],
  doubted: [],
  oldest_data: null,
  last_data: null,
};

it('shows what upstreams said as text, not as HTML', () => {
  const [frame] = gapFrames([entry], 'A');
  const textOf = (name: string) => String(frame?.fields.find((field) => field.name === name)?.values[0]);
  expect(textOf('text')).toBe('HTTP 400: &lt;img src=x onerror=alert(1)&gt;');
  expect(textOf('title')).not.toContain('<');
});

it('has no frame where nothing is missing', () => {
  expect(gapFrames([{ ...entry, missing: [] }], 'A')).toEqual([]);
});
