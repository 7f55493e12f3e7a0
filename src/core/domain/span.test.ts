import fc from 'fast-check';

import { clip, inWholeMinutes, gapsIn, lengthOf, type Span, spanOfInclusive, unionOf } from './span';

const span: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 60 }))
  .map(([a, b]) => ({ start: a, end: b }));
const proper = span.map(({ start, end }) => ({ start: Math.min(start, end), end: Math.max(start, end) + 1 }));
const points = Array.from({ length: 64 }, (_, time) => time);
const holds = (spans: readonly Span[], time: number) => spans.some(({ start, end }) => start <= time && time < end);

it('takes a range in whole minutes, also as the picker of Grafana sets it', () => {
  const time = (text: string) => Date.parse(`2026-10-05T${text}Z`);
  const picked = spanOfInclusive(time('00:00:00.000'), time('23:59:59.000'));
  expect(inWholeMinutes(picked)).toEqual({ start: time('00:00:00.000'), end: time('24:00:00.000') });
  expect(inWholeMinutes(spanOfInclusive(time('00:00:00.000'), time('23:59:59.999')))).toEqual(inWholeMinutes(picked));
  expect(inWholeMinutes({ start: time('10:00:30.000'), end: time('10:01:59.000') })).toEqual({
    start: time('10:00:00.000'),
    end: time('10:01:00.000'),
  });
});

it('turns an inclusive range into a half-open one', () => {
  expect(spanOfInclusive(5, 5)).toEqual({ start: 5, end: 6 });
});

it('unites spans to sorted, separate ones that hold the same time, and leaves its input alone', () => {
  fc.assert(
    fc.property(fc.array(span), (spans) => {
      const before = JSON.stringify(spans);
      const union = unionOf(spans);
      expect(JSON.stringify(spans)).toBe(before);
      expect(points.filter((time) => holds(union, time))).toEqual(points.filter((time) => holds(spans, time)));
      expect(union.every(({ start, end }) => start < end)).toBe(true);
      expect(union.every(({ start }, index) => index === 0 || (union[index - 1] as Span).end < start)).toBe(true);
    })
  );
});

it('finds exactly the gaps', () => {
  fc.assert(
    fc.property(proper, fc.array(span), (whole, covered) => {
      const gaps = gapsIn(whole, covered);
      expect(points.filter((time) => holds(gaps, time))).toEqual(
        points.filter((time) => holds([whole], time) && !holds(covered, time))
      );
      expect(gaps.every((gap) => lengthOf(gap) > 0)).toBe(true);
    })
  );
});

it('clips to a window', () => {
  fc.assert(
    fc.property(fc.array(proper), proper, (spans, window) => {
      const clipped = clip(spans, window);
      expect(points.filter((time) => holds(clipped, time))).toEqual(
        points.filter((time) => holds(spans, time) && holds([window], time))
      );
    })
  );
});
