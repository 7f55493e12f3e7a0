import { type UsageQuery } from '../../src/core/query';
import { judge, differences } from './judge';
import { type ReportAnswer, type SourceEntry } from './reports';

const target: UsageQuery = { queryType: 'breakdown', groupBy: 'user' };

const entry = (source: string, status: SourceEntry['status'] = 'ok'): SourceEntry => ({
  source,
  status,
  notes: [],
  covered_from: null,
  covered_to: null,
  missing: [],
});

function answer(
  rows: Array<Record<string, unknown>>,
  status: SourceEntry['status'] = 'ok',
  warnings: string[] = status === 'ok' ? [] : ['request logs partial']
): ReportAnswer {
  return { target, result: { rows, sources: [entry('request-logs', status), entry('usage-cpu')], warnings } };
}

const row = (count: number | null, completeness = 'ok') => ({ key: 'ada', executions_count: count, completeness });
const truth = answer([row(3)]);
const fromLoki = (source: string) => source === 'request-logs';

it('passes the truth', () => {
  expect(judge(truth, truth, fromLoki)).toEqual([]);
  expect(differences(truth, truth)).toEqual([]);
});

it('passes a wrong figure that is flagged, and tells it from the truth', () => {
  const flagged = answer([row(2, 'partial')], 'partial');
  expect(judge(truth, flagged, fromLoki)).toEqual([]);
  expect(differences(truth, flagged)).toHaveLength(2);
});

it.each([
  ['a wrong figure without a flag', answer([row(2)]), /SILENTLY WRONG/],
  ['a flag that the row does not show', answer([row(2)], 'partial'), /the row says ok/],
  ['a flag without a notice', answer([row(2, 'partial')], 'partial', []), /no notice/],
  ['a figure of a source that is missing', answer([row(0, 'missing')], 'missing'), /its source is missing/],
  ['a row that is lost without a flag', answer([]), /is missing/],
  ['a row that nobody logged', answer([row(3), { ...row(1), key: 'bob' }]), /should not be there/],
  ['an error that hides another source', { target, error: 'Loki is down' }, /hides usage-cpu/],
])('finds %s', (_, wrong, problem) => {
  expect(judge(truth, wrong, fromLoki).join('\n')).toMatch(problem);
});

it('finds a flag on a source that nothing happened to', () => {
  const flagged = answer([row(2, 'partial')], 'partial');
  expect(judge(truth, flagged, () => false).join('\n')).toMatch(/although no fault affected/);
});
