import { type SourceEntry } from '../faults/reports';
import { honestPart, judge, judgeTotals, manners } from './judge';
import { isFormula, type Reading, renamed } from './readings';

const target = { queryType: 'breakdown', groupBy: 'service' } as const;

function reading(rows: Reading['rows'], status: SourceEntry['status'] = 'ok', more: Partial<Reading> = {}): Reading {
  const sources = [{ source: 'request-logs', status } as SourceEntry];
  return { target, rows, sources, cells: [], meta: '', ...more };
}

const row = (key: string, requests_count_total: unknown, completeness = 'ok') => ({
  key,
  requests_count_total,
  cpu_hours: 1,
  completeness,
});
const honest = reading([row('a', 3)]);
const usual = honest;

it('calls what is the same exact, whatever the order', () => {
  const truth = reading([row('a', 3), row('b', 1)]);
  const verdict = judge(reading([row('b', 1), row('a', 3)]), { truth, usual });
  expect(verdict).toEqual({ exact: 4, flagged: 0, claimed: 0, wrong: [] });
});

it('calls other figures silently wrong, also those that are missing, too many or null', () => {
  expect(judge(reading([row('a', 4)]), { truth: honest, usual }).wrong).toEqual([
    'breakdown service: a requests_count_total is 4 instead of 3',
  ]);
  expect(judge(reading([]), { truth: honest, usual }).wrong).toHaveLength(2);
  expect(judge(reading([row('a', 3), row('x', 1)]), { truth: honest, usual }).wrong).toHaveLength(2);
  expect(judge(reading([row('a', null)]), { truth: reading([row('a', 0)]), usual }).wrong).toHaveLength(1);
});

it('takes figures as flagged where their own source and row are', () => {
  const wrong = row('a', 4, 'partial');
  expect(judge(reading([wrong], 'partial'), { truth: honest, usual })).toMatchObject({ flagged: 1, wrong: [] });
  // The row says ok; the source was no better without the attack; hours do not come from the logs.
  expect(judge(reading([row('a', 4)], 'partial'), { truth: honest, usual }).wrong).toHaveLength(1);
  const doubted = reading([row('a', 3)], 'partial');
  expect(judge(reading([wrong], 'partial'), { truth: honest, usual: doubted }).wrong).toHaveLength(1);
  const hours = { ...row('a', 3, 'partial'), cpu_hours: 2 };
  expect(judge(reading([hours], 'partial'), { truth: honest, usual }).wrong).toHaveLength(1);
});

it('takes figures as claimed only where they are what is claimed', () => {
  const claimed = reading([row('a', 5)]);
  expect(judge(reading([row('a', 5)]), { truth: honest, claimed, usual })).toMatchObject({ claimed: 1, wrong: [] });
  expect(judge(reading([row('a', 4)]), { truth: honest, claimed, usual }).wrong).toHaveLength(1);
});

it('looks for honest rows among all', () => {
  const part = honestPart(
    reading([row('a', 3), row('(invalid)', 1)]),
    reading([row('a', 3), row('(invalid)', 9), row('x', 1)])
  );
  expect(judge(part.actual, { truth: part.honest, usual })).toMatchObject({ exact: 2, wrong: [] });
});

it('finds formulas, names beside the cells, and more rows than the limit', () => {
  const rows = ['a', 'b', 'c', 'd', 'e', 'f', '(others)', '(rejected)'].map((key) => row(key, 1));
  const rude = reading(rows, 'ok', { target: { ...target, limit: 5 }, cells: ['＝1'], meta: '{"note":"of mallory"}' });
  expect(manners(rude, isFormula, ['mallory']).wrong).toEqual([
    'breakdown service limit 5: the cell "＝1" is a formula',
    'breakdown service limit 5: the answer carries "mallory" beside its cells',
    'breakdown service limit 5: 6 rows or series instead of 5',
  ]);
});

it('knows how the contract writes users', () => {
  const rows = [{ key: 'plain', users: 'other|plain' }];
  const aliases = [['=a|b', 'plain']] as const;
  expect(renamed(reading(rows), 'full', aliases).rows).toEqual([{ key: "'=a|b", users: "'=a%7Cb|other" }]);
  expect(renamed(reading(rows), 'hidden', aliases).rows).toEqual(rows);
});

it('compares a summary with the requests that were written', () => {
  const summary = reading([{ requests_count_total: 4, requests_count_failed: 1, requests_count_rejected: 2 }]);
  expect(judgeTotals(summary, { succeeded: 3, failed: 1, rejected: 2 })).toMatchObject({ exact: 3, wrong: [] });
  expect(judgeTotals(summary, { succeeded: 4, failed: 1, rejected: 2 }).wrong).toHaveLength(1);
});
