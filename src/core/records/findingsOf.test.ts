import fc from 'fast-check';

import { daySpan } from '../../testing/recordedDay';
import { type Finding } from '../completeness/findings';
import { degrade, missingState, stateOfFindings, stateOfSpans } from '../completeness/model';
import { dayMs } from '../domain/duration';
import { findingsOf } from './findingsOf';

const spans = fc.array(
  fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: 1, max: 30 })).map(([start, length]) => ({
    start: daySpan.start + (start * dayMs) / 96,
    end: daySpan.start + ((start + length) * dayMs) / 96,
  })),
  { maxLength: 4 }
);
const note = fc.constantFrom('one', 'two');
const finding: fc.Arbitrary<Finding> = fc.oneof(
  fc.record({ effect: fc.constantFrom('lost', 'uncovered'), kind: fc.constantFrom('unread', 'expired'), spans, note }),
  fc.record({ effect: fc.constant('doubt'), spans, note }),
  fc.record({ effect: fc.constantFrom('doubt', 'remark', 'unusable'), note })
);

const essence = ({ status, coveragePercent, missing, degraded, doubted = [] }: ReturnType<typeof stateOfFindings>) => ({
  status,
  coveragePercent,
  missing,
  degraded,
  doubted,
});

it('leads to the same state again', () => {
  fc.assert(
    fc.property(fc.array(finding, { maxLength: 5 }), (findings) => {
      const state = stateOfFindings('request-logs', daySpan, findings, 0);
      const again = stateOfFindings('request-logs', daySpan, findingsOf(state, daySpan), 0);
      expect(essence(again)).toEqual(essence(state));
    })
  );
});

it('keeps states that were made without findings', () => {
  const lost = { start: daySpan.start, end: daySpan.start + dayMs / 2 };
  for (const state of [
    stateOfSpans('usage-cpu', daySpan, [], [], 0),
    stateOfSpans('usage-cpu', daySpan, [], ['worth knowing'], 0),
    stateOfSpans('usage-cpu', daySpan, [lost], ['not scraped'], 0),
    degrade(stateOfSpans('usage-cpu', daySpan, [lost], ['not scraped'], 0), 'doubtful'),
    missingState('usage-cpu', daySpan, 'no answer', 0),
  ]) {
    const again = stateOfFindings('usage-cpu', daySpan, findingsOf(state, daySpan), 0);
    expect(again.status).toBe(state.status);
    expect(again.missing).toEqual(state.missing);
    expect(again.degraded || again.notes.includes('not scraped')).toBe(
      state.degraded || (state.missing.length === 1 && state.notes.includes('not scraped'))
    );
    state.notes.forEach((own) => expect(again.notes.join('; ')).toContain(own));
  }
});

it('loses whole quarter hours, and what the state says nothing about', () => {
  const state = stateOfFindings(
    'request-logs',
    { start: daySpan.start, end: daySpan.end - 1 },
    [{ effect: 'lost', kind: 'unread', spans: [{ start: daySpan.start + 1, end: daySpan.start + 2 }], note: 'gone' }],
    0
  );
  expect(findingsOf(state, daySpan)).toEqual([
    {
      effect: 'lost',
      kind: 'unread',
      spans: [{ start: daySpan.start, end: daySpan.start + dayMs / 96 }],
      note: 'gone',
    },
    {
      effect: 'lost',
      kind: 'unread',
      spans: [{ start: daySpan.end - dayMs / 96, end: daySpan.end }],
      note: 'it could not be read',
    },
  ]);
});
