import fc from 'fast-check';

import { lengthOf, type Span } from '../domain/span';
import { missingState, stateOfSpans, statusIn, worstStatus } from './model';

const range = { start: 0, end: 1000 };
const span: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: -100, max: 1100 }), fc.integer({ min: -100, max: 1100 }))
  .map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));

const lostOf = (missing: readonly Span[], part: Span) => {
  let lost = 0;
  for (let time = part.start; time < part.end; time += 1) {
    lost += missing.some(({ start, end }) => start <= time && time < end) ? 1 : 0;
  }
  return lost;
};

it('says ok only when nothing is missing, and missing only when all is', () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 6 }), (missing) => {
      const state = stateOfSpans('request-logs', range, missing, [], 0);
      const lost = lostOf(missing, range);
      expect(state.status).toBe(lost === 0 ? 'ok' : lost === 1000 ? 'missing' : 'partial');
      expect(state.coveragePercent === 100).toBe(lost === 0);
      expect(Math.abs((state.coveragePercent ?? -1) - (1000 - lost) / 10)).toBeLessThan(0.011);
    })
  );
});

it('knows the status of a part', () => {
  fc.assert(
    fc.property(
      fc.array(span, { maxLength: 6 }),
      fc.nat({ max: 900 }),
      fc.integer({ min: 1, max: 100 }),
      (missing, start, length) => {
        const part = { start, end: start + length };
        const lost = lostOf(missing, part);
        const expected = lost === 0 ? 'ok' : lost === lengthOf(part) ? 'missing' : 'partial';
        expect(statusIn(stateOfSpans('request-logs', range, missing, [], 0), part)).toBe(expected);
      }
    )
  );
});

it('never rounds a loss away', () => {
  const year = { start: 0, end: 365 * 86_400_000 };
  const state = stateOfSpans('request-logs', year, [{ start: 5, end: 6 }], [], 0);
  expect(state).toMatchObject({ status: 'partial', coveragePercent: 99.99 });
});

it('keeps what is partial for another reason than time partial in every part', () => {
  const state = { ...stateOfSpans('request-logs', range, [], [], 0), status: 'partial' as const };
  expect(statusIn(state, { start: 0, end: 1 })).toBe('partial');
});

it('takes the worst', () => {
  expect(worstStatus([])).toBe('ok');
  expect(worstStatus(['ok', 'missing', 'partial'])).toBe('missing');
  expect(worstStatus(['ok', 'partial'])).toBe('partial');
});

it('has nothing for a source that delivered nothing', () => {
  expect(missingState('usage-gpu', range, 'x', 7)).toMatchObject({
    status: 'missing',
    coveragePercent: 0,
    missing: [range],
  });
});
