import { finish } from '../../testing/finish';
import { stateOfSpans } from '../completeness/model';
import { dayMs } from '../domain/duration';
import { type UsageView } from '../hours/view';
import { breakdown } from './breakdown';
import { runReport } from './runReport';
import { summary } from './summary';

const range = { start: 0, end: 2 * dayMs };
const days = [
  { start: 0, end: dayMs },
  { start: dayMs, end: 2 * dayMs },
];
const context = {
  query: { queryType: 'summary' as const },
  services: undefined,
  membershipOf: () => 'external' as const,
  rejectedRequests: 'separate' as const,
};

const windows = (...hours: number[]) =>
  days.map((day, index) => ({ ...day, hours: new Map([['a', hours[index] ?? 0]]) }));

function viewWith(activeMissing: UsageView['missing']): UsageView {
  const allocated = { windows: windows(4, 8), missing: [] };
  const active = { windows: windows(1, 2), missing: activeMissing };
  return { ...allocated, notes: [], warnings: [], gpu: { active, allocated } };
}

function cells(report: typeof summary, view: UsageView) {
  const states = new Map([['usage-gpu' as const, stateOfSpans('usage-gpu', range, [], [], range.end)]]);
  const blocks = finish(runReport(report, context, { gpu: view, states, failed: [] }, range, 'day', 'utc')).blocks;
  return blocks.map(({ rows }) => [rows[0]?.cells.gpu_hours_active, rows[0]?.cells.gpu_hours_allocated]);
}

it.each([
  ['summary', summary],
  ['breakdown', breakdown],
])('has both kinds of GPU hours by period in the %s', (_, report) => {
  expect(cells(report, viewWith([]))).toEqual([
    [1, 4],
    [2, 8],
  ]);
});

it('shows neither where one of them is not known throughout', () => {
  expect(cells(summary, viewWith(days.slice(1)))).toEqual([
    [1, 4],
    [null, null],
  ]);
});

it('shows neither where there is only one of them', () => {
  const { gpu: _, ...only } = viewWith([]);
  expect(cells(summary, only)).toEqual([
    [null, null],
    [null, null],
  ]);
});
