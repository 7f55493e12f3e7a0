import fc from 'fast-check';

import { coverageIn, stateOfFindings, statusIn } from './model';
import { isWithheld, withMinimumCoverage } from './strict';

const range = { start: 0, end: 1000 };
const first = { start: 0, end: 500 };
const second = { start: 500, end: 1000 };
const state = stateOfFindings(
  'request-logs',
  range,
  [{ effect: 'lost', kind: 'unread', spans: [{ start: 100, end: 200 }], note: 'down' }],
  0
);

it('withholds the spans that are covered less than asked for, and says so', () => {
  const strict = withMinimumCoverage(state, [first, second], 95);
  expect([first, second].map((span) => isWithheld(strict, span))).toEqual([true, false]);
  expect(strict.notes).toEqual(['down', 'only 80 % covered (minimum 95 %), so values are left empty']);
  // What was covered stays what it was.
  expect(strict).toMatchObject({ status: 'partial', coveragePercent: 90, missing: state.missing });
  expect([first, second].map((span) => statusIn(strict, span))).toEqual(['partial', 'ok']);
});

it('is off at 0, and lets a coverage pass that is just enough', () => {
  expect(withMinimumCoverage(state, [first], 0)).toBe(state);
  expect(withMinimumCoverage(state, [first], 80)).toBe(state);
});

it('withholds exactly what is covered too little', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 900 }),
      fc.integer({ min: 1, max: 100 }),
      fc.nat({ max: 100 }),
      (start, length, minimum) => {
        const part = { start, end: start + length };
        const strict = withMinimumCoverage(state, [part], minimum);
        expect(isWithheld(strict, part)).toBe(statusIn(state, part) !== 'missing' && coverageIn(state, part) < minimum);
      }
    )
  );
});
