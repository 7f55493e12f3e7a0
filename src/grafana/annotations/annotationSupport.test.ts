import { type AnnotationQuery, toDataFrame } from '@grafana/data';
import { lastValueFrom, of } from 'rxjs';

import { annotationSupport } from './annotationSupport';
import { type GapsQuery } from './gapsQuery';

const annotation = (target?: Partial<GapsQuery>) =>
  ({ name: 'Gaps', enable: true, iconColor: 'red', target }) as AnnotationQuery<GapsQuery>;

const entry = (source: string, note = '') => ({
  source,
  notes: [note],
  affected_metrics: ['cpu-hours'],
  missing: [{ from: '2026-10-01T00:00:00.000Z', to: '2026-10-01T23:59:59.999Z', kind: 'unread', note }],
  doubted: [],
});

const events = async (query: AnnotationQuery<GapsQuery>, custom: unknown) =>
  lastValueFrom(annotationSupport.processEvents?.(query, [toDataFrame({ fields: [], meta: { custom } })]) ?? of([]));

it('asks for the completeness, whatever is stored', () => {
  expect(annotationSupport.prepareQuery?.(annotation())).toEqual({ refId: 'Anno', queryType: 'completeness' });
  expect(
    annotationSupport.prepareQuery?.(annotation({ refId: 'B', queryType: 'summary', sources: ['usage-cpu'] }))
  ).toEqual({ refId: 'B', queryType: 'completeness', sources: ['usage-cpu'] });
});

it('makes regions of the gaps', async () => {
  const found = await events(annotation(), { completeness: [entry('usage-cpu', 'Prometheus was down')] });
  expect(found).toEqual([
    {
      time: Date.parse('2026-10-01T00:00:00.000Z'),
      timeEnd: Date.parse('2026-10-01T23:59:59.999Z'),
      isRegion: true,
      title: 'Not read: CPU hours',
      text: 'Prometheus was down; affects cpu-hours',
      tags: ['usage-cpu'],
    },
  ]);
});

it('keeps to the sources that were picked', async () => {
  const completeness = [entry('usage-cpu'), entry('request-logs')];
  const found = await events(annotation({ sources: ['request-logs'] }), { completeness });
  expect(found?.map(({ tags }) => tags)).toEqual([['request-logs']]);
});

it('shows what upstreams said as text, not as HTML', async () => {
  const found = await events(annotation(), { completeness: [entry('usage-cpu', '<img src=x onerror=alert(1)>')] });
  expect(found?.[0]?.text).not.toContain('<');
});

it('has no event without completeness', async () => {
  expect(await events(annotation(), undefined)).toEqual([]);
  expect(await events(annotation(), { completeness: 'none' })).toEqual([]);
});

it('does not break on sources of another form', async () => {
  const target = { sources: 'request-logs' } as never;
  expect(await events(annotation(target), { completeness: [entry('usage-cpu')] })).toHaveLength(1);
});
