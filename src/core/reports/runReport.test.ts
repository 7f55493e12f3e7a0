import { finish } from '../../testing/finish';
import { stateOfSpans } from '../completeness/model';
import { dayMs } from '../domain/duration';
import { runReport, runSeries } from './runReport';
import { summary } from './summary';

const context = {
  query: { queryType: 'summary' as const },
  services: undefined,
  membershipOf: () => 'external' as const,
  rejectedRequests: 'separate' as const,
};

/** A day with an hour of CPU, and some seconds of the next one, as a dashboard shows them right after midnight. */
const range = { start: 0, end: dayMs + 40_000 };
const gathered = {
  cpu: { windows: [{ start: 0, end: dayMs, hours: new Map([['a', 1]]) }], missing: [], notes: [], warnings: [] },
  states: new Map([['usage-cpu' as const, stateOfSpans('usage-cpu', range, [], [], range.end)]]),
  failed: [],
};

it('has no hours of use for a period without a whole minute, rather than 0, and says why', () => {
  const blocks = finish(runReport(summary, context, gathered, range, 'day', 'utc')).blocks;
  expect(blocks.map(({ rows: [row] }) => row?.cells.cpu_hours_total)).toEqual([1, null]);
  expect(blocks[1]?.rows[0]).toMatchObject({
    completeness: 'missing',
    notes: expect.arrayContaining([expect.stringContaining('in whole minutes')]),
  });
  const series = finish(runSeries(summary, context, gathered, range, 'day', 'utc')).blocks;
  expect(series.map(({ missing }) => missing.has('usage-cpu'))).toEqual([false, true]);
});
