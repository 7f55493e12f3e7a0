import fc from 'fast-check';

import { defaultLimits } from '../../upstream/learnedLimits';
import { PieceSizer } from './pieceSizer';

const hourMs = 3_600_000;
const nextHour = (time: number) => (Math.floor(time / hourMs) + 1) * hourMs;

const event = fc.oneof(
  fc.record({
    kind: fc.constant('learn' as const),
    length: fc.integer({ min: 1, max: 24 * hourMs }),
    lines: fc.nat({ max: 100_000 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    durationMs: fc.nat({ max: 8000 }),
  }),
  fc.record({
    kind: fc.constant('too many' as const),
    length: fc.integer({ min: 1, max: 24 * hourMs }),
    limit: fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('too long' as const), length: fc.integer({ min: 1, max: 24 * hourMs }) })
);

it('never gives an empty piece, none beyond its end, and whole ms, whatever it learned', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.integer({ min: 0, max: 48 * hourMs }),
      fc.integer({ min: 1, max: 24 * hourMs }),
      (events, start, length) => {
        const sizer = new PieceSizer(defaultLimits());
        for (const one of events) {
          const span = { start, end: start + one.length };
          if (one.kind === 'learn') {
            sizer.learn(span, Math.ceil(one.lines * one.share), one.lines, one.durationMs);
          } else if (one.kind === 'too many') {
            sizer.learnTooManySeries(span, one.limit);
          } else {
            sizer.learnTooLong(span);
          }
        }
        const end = sizer.next(start, start + length, nextHour, false).end;
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(start + length);
        expect(Number.isInteger(end)).toBe(true);
      }
    )
  );
});

it('respects a stated length', () => {
  const sizer = new PieceSizer({ ...defaultLimits(), maxLengthMs: 1000 });
  expect(sizer.next(0, hourMs, nextHour, false).end).toBe(1000);
});

/** Reads some days at a steady rate; says how many requests the last one took, and how many of them asked too much. */
function readDays(linesPerHour: number, share: number, limit: number) {
  const sizer = new PieceSizer({ ...defaultLimits(), maxSeries: limit });
  const day = 24 * hourMs;
  let [start, requests, exceeded] = [0, 0, 0];
  const last = 6 * day;
  while (start < last + day) {
    const end = sizer.next(start, (Math.floor(start / day) + 1) * day, nextHour, false).end;
    const lines = Math.floor((linesPerHour * (end - start)) / hourMs);
    const series = Math.ceil(lines * share);
    requests += start < last ? 0 : 1;
    if (series > limit) {
      exceeded += start < last ? 0 : 1;
      sizer.learnTooManySeries({ start, end }, limit);
    } else {
      sizer.learn({ start, end }, series, lines, 100);
      start = end;
    }
  }
  return { requests, exceeded };
}

it('learns a steady rate: after some days nothing exceeds the limit, and requests are well filled', () => {
  fc.assert(
    fc.property(fc.integer({ min: 20, max: 10_000 }), fc.constantFrom(0.1, 0.5, 1), (linesPerHour, share) => {
      const limit = 500;
      const { requests, exceeded } = readDays(linesPerHour, share, limit);
      expect(exceeded).toBe(0);
      // A request ends at a full hour, or at a half, a quarter, … of one, and is therefore at least a third full.
      expect(requests).toBeLessThanOrEqual(4 + (24 * linesPerHour * share * 3) / limit);
    }),
    { numRuns: 40 }
  );
});

it('is not ruined by one slow answer over a sliver of time', () => {
  // The time includes waiting for a turn behind other panels and for repetitions, and every range has short ends.
  const sizer = new PieceSizer(defaultLimits());
  sizer.learn({ start: 0, end: 2 }, 0, 0, 4001);
  expect(sizer.next(0, 24 * hourMs, nextHour, false).end).toBeGreaterThan(60_000);
});

it('comes back to long pieces when the engine is fast again', () => {
  const sizer = new PieceSizer(defaultLimits());
  sizer.learn({ start: 0, end: hourMs }, 1, 1, 4001);
  for (let hour = 1; hour < 200; hour += 1) {
    sizer.learn({ start: hour * hourMs, end: hour * hourMs + hourMs / 2 }, 1, 1, 10);
  }
  expect(sizer.next(0, 24 * hourMs, nextHour, false).end).toBeGreaterThan(hourMs / 2);
});

it('does not take a burst for the rate of its hour', () => {
  const sizer = new PieceSizer(defaultLimits());
  sizer.learn({ start: 0, end: 24 * hourMs }, 240, 240, 10);
  for (let length = 1000; length >= 1; length = Math.floor(length / 2)) {
    sizer.learnTooManySeries({ start: 0, end: length }, 500);
  }
  sizer.learn({ start: 0, end: 1 }, 400, 400, 10);
  expect(sizer.next(1, 24 * hourMs, nextHour, false).end).toBe(24 * hourMs);
});

it('gives whole ms also after it grew faster again step by step', () => {
  const sizer = new PieceSizer(defaultLimits());
  sizer.learnTooSlow({ start: 0, end: 2 * hourMs + 2 });
  for (let step = 0; step < 5; step += 1) {
    sizer.learn({ start: 0, end: hourMs }, 1, 1, 10);
    expect(Number.isInteger(sizer.next(0, 24 * hourMs, () => 24 * hourMs, false).end)).toBe(true);
  }
});

it('never asks for less than half of the length that the engine named', () => {
  const sizer = new PieceSizer(defaultLimits());
  for (let times = 0; times < 20; times += 1) {
    sizer.learnTooLong({ start: 0, end: sizer.next(0, 24 * hourMs, () => 24 * hourMs, false).end }, 6 * hourMs);
  }
  expect(sizer.next(0, 24 * hourMs, () => 24 * hourMs, false).end).toBeGreaterThanOrEqual(3 * hourMs);
});

describe('what is read as lines', () => {
  const day = 24 * hourMs;
  /** A sizer that has seen a day of lines, of which a share is different from the others. */
  function seen(linesPerHour: number, share: number, limits: Partial<ReturnType<typeof defaultLimits>> = {}) {
    const sizer = new PieceSizer({ ...defaultLimits(), ...limits });
    const lines = 24 * linesPerHour;
    for (let times = 0; times < 10; times += 1) {
      sizer.learn({ start: 0, end: day }, lines * share, lines, 100);
    }
    return sizer;
  }
  const next = (sizer: PieceSizer) => sizer.next(day, 2 * day, nextHour, true);

  it.each([
    ['many different lines', seen(700, 1), 'lines'],
    ['many lines, few of them different', seen(70_000, 0.001), 'counts'],
    ['few lines', seen(70, 1), 'counts'],
    ['a Loki that gives as few lines as counts', seen(700, 1, { maxEntries: 500 }), 'counts'],
    ['a Loki with a high limit of series', seen(700, 1, { maxSeries: 10_000 }), 'counts'],
    ['a Loki with a low limit of both', seen(70, 1, { maxSeries: 20, maxEntries: 100 }), 'lines'],
  ])('%s', (_, sizer, readAs) => {
    expect(next(sizer).readAs).toBe(readAs);
  });

  it('fills the answer', () => {
    expect(next(seen(700, 1))).toEqual({ end: day + 6 * hourMs, readAs: 'lines' });
  });

  it('only where the caller can', () => {
    expect(seen(700, 1).next(day, 2 * day, nextHour, false).readAs).toBe('counts');
  });

  it('not after they lacked lines a few times', () => {
    const sizer = seen(700, 1);
    sizer.learnLines(false);
    sizer.learnLines(false);
    expect(next(sizer).readAs).toBe('lines');
    sizer.learnLines(false);
    expect(next(sizer).readAs).toBe('counts');
    expect(sizer.mayReadLines).toBe(false);
  });

  it('again and again where they lack some only now and then', () => {
    const sizer = seen(700, 1);
    for (let times = 0; times < 100; times += 1) {
      sizer.learnLines(times % 20 === 0 ? false : true);
    }
    expect(sizer.mayReadLines).toBe(true);
  });

  it('up to the limit that the engine named, however often it did', () => {
    const sizer = seen(700, 1);
    sizer.learnFewerEntries(4000);
    sizer.learnFewerEntries(4000);
    expect(sizer.limits.maxEntries).toBe(4000);
    sizer.learnFewerEntries(undefined);
    expect(sizer.limits.maxEntries).toBe(2000);
  });
});
