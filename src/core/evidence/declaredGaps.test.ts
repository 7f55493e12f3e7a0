import { epoch } from '../../testing/arbitraries';
import { notesIn, stateOfFindings, statusIn, withFindings } from '../completeness/model';
import { dayMs, hourMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { declaredGapsOf, declaredRules } from './declaredGaps';
import { judgeAll } from './rule';

const range = { start: epoch, end: epoch + 3 * dayMs };
const day = (index: number) => ({ start: epoch + index * dayMs, end: epoch + (index + 1) * dayMs });
const gap = {
  from: '2026-10-25T06:00:00Z',
  to: '2026-10-25T11:59:59.999Z',
  source: 'request-logs',
  note: 'Loki was down',
};

const stateWith = (source: 'request-logs' | 'usage-cpu', gaps: Array<typeof gap>) => {
  const state = stateOfFindings(source, range, [], 0);
  return withFindings(state, judgeAll(declaredRules, { state, gaps: declaredGapsOf(gaps) }));
};

it('makes a span partial, whose figures stand, with the note where it belongs', () => {
  const state = stateWith('request-logs', [gap]);
  const note = 'known gap from 2026-10-25T06:00:00.000Z to 2026-10-25T11:59:59.999Z: Loki was down';
  expect(state).toMatchObject({ status: 'partial', missing: [], degraded: false, notes: [note] });
  expect(state.coveragePercent).toBeCloseTo(91.66, 1);
  expect(state.gaps).toEqual([{ start: epoch + 30 * hourMs, end: epoch + 36 * hourMs, kind: 'declared', note }]);
  expect([0, 1, 2].map((index) => statusIn(state, day(index)))).toEqual(['ok', 'partial', 'ok']);
  expect([0, 1, 2].map((index) => notesIn(state, day(index)))).toEqual([[], [note], []]);
  // A part that lies in it as a whole has figures too.
  expect(statusIn(state, { start: epoch + 31 * hourMs, end: epoch + 32 * hourMs })).toBe('partial');
});

it('does not name what usage records name already, but what they leave', () => {
  const note = 'known gap from 2026-10-25T06:00:00.000Z to 2026-10-25T11:59:59.999Z: Loki was down';
  const noted = (spans: Span[]) => {
    const own = {
      effect: 'uncovered',
      kind: 'declared',
      spans,
      note: `by the usage record of 2026-10-25: ${note}`,
    } as const;
    const state = stateOfFindings('request-logs', range, [own], 0);
    return judgeAll(declaredRules, { state, gaps: declaredGapsOf([gap]) });
  };
  const [start, middle, end] = [epoch + 30 * hourMs, epoch + 33 * hourMs, epoch + 36 * hourMs];
  expect(noted([{ start, end }])).toEqual([]);
  expect(noted([{ start, end: middle }])).toMatchObject([{ spans: [{ start: middle, end }], note }]);
});

it('touches its own source and range only', () => {
  expect(stateWith('usage-cpu', [gap]).status).toBe('ok');
  expect(stateWith('request-logs', [{ ...gap, from: '2025-01-01', to: '2025-02-01' }]).status).toBe('ok');
});

it('takes both ends as inclusive, and a date as a whole day', () => {
  expect(declaredGapsOf([{ ...gap, from: '2026-10-25', to: '2026-10-25' }])).toMatchObject([day(1)]);
  expect(declaredGapsOf([{ ...gap, from: '2026-10-25T02:00:00+02:00', to: '2026-10-25T00:00:00Z' }])).toMatchObject([
    { start: day(1).start, end: day(1).start + 1 },
  ]);
});
