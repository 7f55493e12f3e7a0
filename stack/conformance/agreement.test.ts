import { type DataFrame } from '@grafana/data';

import { disagreements } from './agreement';

function frameOf(
  name: string,
  columns: Record<string, unknown[]>,
  completeness: unknown[] = [],
  warning?: string
): DataFrame {
  const fields = Object.entries(columns).map(([column, values]) => ({ name: column, values }));
  const notices = warning ? [{ severity: 'warning', text: warning }] : [];
  return {
    name,
    length: Object.values(columns)[0]?.length ?? 0,
    fields,
    meta: { notices, custom: { completeness } },
  } as unknown as DataFrame;
}

const ok = { source: 'usage-cpu', status: 'ok', coverage_percent: 100, notes: [] };
const half = { source: 'request-logs', status: 'partial', coverage_percent: 50, notes: ['Loki was down'] };
const roster = { source: 'user-roster', status: 'missing', coverage_percent: 0, notes: ['none'], advisory: true };
const warning = 'request logs: 12 of 24 hours not read (Loki was down)';
const table = (coverage: number) =>
  frameOf('completeness', {
    source: ['request-logs'],
    status: ['partial'],
    coverage_percent: [coverage],
    notes: ['Loki was down'],
  });

it('finds nothing where all say the same', () => {
  const frame = frameOf('summary', { completeness: ['partial'] }, [ok, half, roster], warning);
  expect(disagreements(frame)).toEqual([]);
  expect(disagreements(frameOf('summary', { completeness: ['partial'] }, [half], warning), table(50))).toEqual([]);
});

it.each([
  ['a notice that is not there', 'partial', [half], undefined, /no notice says that request logs is partial/],
  ['a notice of more than there is', 'partial', [half], 'request logs missing: x', /no notice says/],
  ['a notice of another source', 'partial', [half], 'exposed request logs: request logs', /no notice says/],
  ['a warning of what is whole', 'ok', [ok], 'request logs and CPU hours: x', /warns of cpu hours/],
  [
    'a warning of what is whole, in a list',
    'ok',
    [ok],
    'request logs, country attribution and CPU hours: x',
    /warns of cpu hours/,
  ],
  ['a warning of what is advisory', 'ok', [roster], 'user roster missing: x', /warns of user roster/],
  ['a summary that hides it', 'ok', [half], warning, /completeness is not partial/],
  ['a row that exaggerates', 'missing', [half], warning, /not that of any source/],
])('finds %s', (_, column, entries, text, problem) => {
  expect(disagreements(frameOf('summary', { completeness: [column] }, entries, text)).join()).toMatch(problem);
});

it('finds a table that says something else', () => {
  const frame = frameOf('summary', { completeness: ['partial'] }, [half], warning);
  expect(disagreements(frame, table(49))).toEqual([expect.stringContaining('completeness table says')]);
  expect(disagreements(frame, frameOf('completeness', { source: [] }))).toHaveLength(1);
});
