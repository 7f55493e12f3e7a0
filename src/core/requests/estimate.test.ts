import fc from 'fast-check';

import { dayMs, hourMs } from '../domain/duration';
import { defaultLimits } from '../upstream/learnedLimits';
import { Estimate } from './estimate';

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

it('never gives an empty split, none beyond its end, and whole ms, whatever it learned', () => {
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 30 }),
      fc.integer({ min: 0, max: 48 * hourMs }),
      fc.integer({ min: 1, max: 24 * hourMs }),
      (events, start, length) => {
        const estimate = new Estimate(defaultLimits());
        for (const one of events) {
          const span = { start, end: start + one.length };
          if (one.kind === 'learn') {
            estimate.learnSplit(span, Math.ceil(one.lines * one.share), one.lines, one.durationMs);
          } else if (one.kind === 'too many') {
            estimate.learnTooManySeries(span, one.limit);
          } else {
            estimate.learnTooLong(span);
          }
        }
        const end = estimate.nextSplit(start, start + length, nextHour, false).end;
        expect(end).toBeGreaterThan(start);
        expect(end).toBeLessThanOrEqual(start + length);
        expect(Number.isInteger(end)).toBe(true);
      }
    )
  );
});

it('ends splits by the lines that were counted in each hour, whatever the rate was before', () => {
  const estimate = new Estimate(defaultLimits());
  estimate.learnSplit({ start: 0, end: 24 * hourMs }, 2400, 2400, 10);
  const lines = [100, 100, 0, 0, 300, 100, 800, 6800];
  lines.forEach((count, hour) => estimate.learnHour(hour * hourMs, count));
  const ends = [0, 4, 6, 7].map((hour) => estimate.nextSplit(hour * hourMs, 24 * hourMs, nextHour, false).end / hourMs);
  // 425 keys: four hours and three quarters; two hours of 400; half of 800; a sixteenth of 6,800.
  expect(ends).toEqual([4.75, 6, 6.5, 7 + 1 / 16]);
});

it('respects a stated length', () => {
  const estimate = new Estimate({ ...defaultLimits(), maxLengthMs: 1000 });
  expect(estimate.nextSplit(0, hourMs, nextHour, false).end).toBe(1000);
});

/** Reads some days at a steady rate; says how many requests the last one took, and how many of them asked too much. */
function readDays(linesPerHour: number, share: number, limit: number) {
  const estimate = new Estimate({ ...defaultLimits(), maxSeries: limit });
  const day = 24 * hourMs;
  let [start, requests, exceeded] = [0, 0, 0];
  const last = 6 * day;
  while (start < last + day) {
    const end = estimate.nextSplit(start, (Math.floor(start / day) + 1) * day, nextHour, false).end;
    const lines = Math.floor((linesPerHour * (end - start)) / hourMs);
    const series = Math.ceil(lines * share);
    requests += start < last ? 0 : 1;
    if (series > limit) {
      exceeded += start < last ? 0 : 1;
      estimate.learnTooManySeries({ start, end }, limit);
    } else {
      estimate.learnSplit({ start, end }, series, lines, 100);
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
  const estimate = new Estimate(defaultLimits());
  estimate.learnSplit({ start: 0, end: 2 }, 0, 0, 4001);
  expect(estimate.nextSplit(0, 24 * hourMs, nextHour, false).end).toBeGreaterThan(60_000);
});

it('comes back to long splits when the engine is fast again', () => {
  const estimate = new Estimate(defaultLimits());
  estimate.learnSplit({ start: 0, end: hourMs }, 1, 1, 4001);
  for (let hour = 1; hour < 200; hour += 1) {
    estimate.learnSplit({ start: hour * hourMs, end: hour * hourMs + hourMs / 2 }, 1, 1, 10);
  }
  expect(estimate.nextSplit(0, 24 * hourMs, nextHour, false).end).toBeGreaterThan(hourMs / 2);
});

it('does not take a burst for the rate of its hour', () => {
  const estimate = new Estimate(defaultLimits());
  estimate.learnSplit({ start: 0, end: 24 * hourMs }, 240, 240, 10);
  for (let length = 1000; length >= 1; length = Math.floor(length / 2)) {
    estimate.learnTooManySeries({ start: 0, end: length }, 500);
  }
  estimate.learnSplit({ start: 0, end: 1 }, 400, 400, 10);
  expect(estimate.nextSplit(1, 24 * hourMs, nextHour, false).end).toBe(24 * hourMs);
});

it('gives whole ms also after it grew faster again step by step', () => {
  const estimate = new Estimate(defaultLimits());
  estimate.learnTooSlow({ start: 0, end: 2 * hourMs + 2 });
  for (let step = 0; step < 5; step += 1) {
    estimate.learnSplit({ start: 0, end: hourMs }, 1, 1, 10);
    expect(Number.isInteger(estimate.nextSplit(0, 24 * hourMs, () => 24 * hourMs, false).end)).toBe(true);
  }
});

it('never asks for less than half of the length that the engine named', () => {
  const estimate = new Estimate(defaultLimits());
  for (let times = 0; times < 20; times += 1) {
    estimate.learnTooLong(
      { start: 0, end: estimate.nextSplit(0, 24 * hourMs, () => 24 * hourMs, false).end },
      6 * hourMs
    );
  }
  expect(estimate.nextSplit(0, 24 * hourMs, () => 24 * hourMs, false).end).toBeGreaterThanOrEqual(3 * hourMs);
});

describe('what is read as lines', () => {
  const day = 24 * hourMs;
  /** A estimate that has seen a day of lines, of which a share is different from the others. */
  function seen(linesPerHour: number, share: number, limits: Partial<ReturnType<typeof defaultLimits>> = {}) {
    const estimate = new Estimate({ ...defaultLimits(), ...limits });
    const lines = 24 * linesPerHour;
    for (let times = 0; times < 10; times += 1) {
      estimate.learnSplit({ start: 0, end: day }, lines * share, lines, 100);
    }
    return estimate;
  }
  const next = (estimate: Estimate) => estimate.nextSplit(day, 2 * day, nextHour, true);

  it.each([
    ['many different lines', seen(700, 1), 'lines'],
    ['many lines, few of them different', seen(70_000, 0.001), 'counts'],
    ['few lines', seen(70, 1), 'counts'],
    ['a Loki that gives as few lines as counts', seen(700, 1, { maxEntries: 500 }), 'counts'],
    ['a Loki with a high limit of series', seen(700, 1, { maxSeries: 10_000 }), 'counts'],
    ['a Loki with a low limit of both', seen(70, 1, { maxSeries: 20, maxEntries: 100 }), 'lines'],
  ])('%s', (_, estimate, readAs) => {
    expect(next(estimate).readAs).toBe(readAs);
  });

  it('fills the answer', () => {
    expect(next(seen(700, 1))).toEqual({ end: day + 6 * hourMs, readAs: 'lines' });
  });

  it('only where the caller can', () => {
    expect(seen(700, 1).nextSplit(day, 2 * day, nextHour, false).readAs).toBe('counts');
  });

  it('not after they lacked lines a few times', () => {
    const estimate = seen(700, 1);
    estimate.learnLines(false);
    estimate.learnLines(false);
    expect(next(estimate).readAs).toBe('lines');
    estimate.learnLines(false);
    expect(next(estimate).readAs).toBe('counts');
    expect(estimate.mayReadLines).toBe(false);
  });

  it('again and again where they lack some only now and then', () => {
    const estimate = seen(700, 1);
    for (let times = 0; times < 100; times += 1) {
      estimate.learnLines(times % 20 === 0 ? false : true);
    }
    expect(estimate.mayReadLines).toBe(true);
  });

  it('up to the limit that the engine named, however often it did', () => {
    const estimate = seen(700, 1);
    estimate.learnFewerEntries(4000);
    estimate.learnFewerEntries(4000);
    expect(estimate.limits.maxEntries).toBe(4000);
    estimate.learnFewerEntries(undefined);
    expect(estimate.limits.maxEntries).toBe(2000);
  });
});

describe('queries of batches', () => {
  const newEstimate = (maxSeries = 500) => new Estimate({ ...defaultLimits(), maxSeries });

  /** A estimate that saw a day of 1000 lines from Spain. */
  function learned(keys: number, engineMs?: number): Estimate {
    const estimate = newEstimate();
    estimate.learnBatchQuery(new Map([['ES', 1000]]), keys, dayMs, engineMs);
    return estimate;
  }

  it('takes each line for another one as long as it knows nothing', () => {
    const estimate = newEstimate();
    expect(estimate.knowsKeys).toBe(false);
    expect(estimate.shareOfLimit('ES', 409, dayMs)).toBe(1);
    expect(estimate.shareOfLimit(undefined, 409, 20 * dayMs)).toBe(1);
    expect(estimate.shareOfLimit('ES', 0, dayMs)).toBe(0);
  });

  it('learns that lines make fewer keys', () => {
    const estimate = learned(100);
    expect(estimate.knowsKeys).toBe(true);
    expect(estimate.shareOfLimit('ES', 1000, dayMs)).toBeCloseTo(100 / 409);
  });

  it('learns nothing from an answer about no lines', () => {
    const estimate = newEstimate();
    estimate.learnBatchQuery(new Map([['ES', 0]]), 0, dayMs, 10);
    expect(estimate.knowsKeys).toBe(false);
  });

  const keys = fc.integer({ min: 1, max: 1000 });
  const days = fc.integer({ min: 1, max: 30 });

  it('expects fewer keys of each line the more time there is, and more keys of more lines', () => {
    fc.assert(
      fc.property(keys, days, days, fc.integer({ min: 1, max: 5000 }), (known, a, b, lines) => {
        const estimate = learned(known);
        const [shorter, longer] = [Math.min(a, b) * dayMs, Math.max(a, b) * dayMs];
        expect(estimate.shareOfLimit('ES', lines, longer)).toBeLessThanOrEqual(
          estimate.shareOfLimit('ES', lines, shorter)
        );
        expect(estimate.shareOfLimit('ES', lines + 1, longer)).toBeGreaterThan(
          estimate.shareOfLimit('ES', lines, longer)
        );
      })
    );
  });

  it('never expects more keys than lines', () => {
    fc.assert(
      fc.property(
        keys,
        fc.constantFrom('ES', 'PL', undefined),
        fc.nat({ max: 5000 }),
        days,
        (known, value, lines, n) => {
          expect(learned(known).shareOfLimit(value, lines, n * dayMs)).toBeLessThanOrEqual(
            newEstimate().shareOfLimit(value, lines, dayMs)
          );
        }
      )
    );
  });

  it('expects of streams that it does not know no fewer keys than of those that it knows, with as many lines or fewer', () => {
    fc.assert(
      fc.property(keys, days, fc.integer({ min: 1, max: 1000 }), (known, n, lines) => {
        const estimate = learned(known);
        expect(estimate.shareOfLimit('PL', lines * n, n * dayMs)).toBeGreaterThanOrEqual(
          estimate.shareOfLimit('ES', lines * n, n * dayMs)
        );
      })
    );
  });

  it('expects as many keys of many lines that it does not know as of the most various of those that have fewer', () => {
    const estimate = learned(100);
    estimate.learnBatchQuery(new Map([['DE', 2000]]), 1000, dayMs, undefined);
    // More than that, to be careful.
    expect(estimate.shareOfLimit('PL', 1500, dayMs)).toBeCloseTo((1500 * 0.1 * 1.6) / 409);
    expect(estimate.shareOfLimit('PL', 2500, dayMs)).toBeCloseTo((2500 * 0.5 * 1.6) / 409);
  });

  it('asks for less after too many keys, and remembers the limit that Loki named', () => {
    const estimate = learned(500);
    const before = estimate.shareOfLimit('ES', 100, dayMs);
    estimate.learnTooManyKeys(['ES'], undefined);
    const after = estimate.shareOfLimit('ES', 100, dayMs);
    expect(after).toBeGreaterThan(before);
    estimate.learnTooManyKeys(['ES', 'PL'], 50);
    expect(estimate.shareOfLimit('ES', 100, dayMs)).toBeGreaterThan(after * 9);
    estimate.learnTooManyKeys([], 5000);
    expect(newEstimate(50).shareOfLimit(undefined, 40, dayMs)).toBe(1);
    expect(estimate.shareOfLimit('ES', 100, dayMs)).toBeGreaterThan(after * 9);
  });

  it('asks for half of the lines that took the engine long, and for half of these when they do, too', () => {
    const estimate = learned(1, 4001);
    expect(estimate.shareOfLimit('ES', 500, dayMs)).toBe(1);
    expect(estimate.shareOfLimit('PL', 1000, dayMs)).toBe(2);
    estimate.learnTooManyLines(400);
    expect(estimate.shareOfLimit('ES', 200, dayMs)).toBe(1);
    // Not less where others fail that were asked for at the same time.
    estimate.learnTooManyLines(400);
    expect(estimate.shareOfLimit('ES', 200, dayMs)).toBe(1);
    estimate.learnTooManyLines(200);
    expect(estimate.shareOfLimit('ES', 100, dayMs)).toBe(1);
    expect(learned(1, 4000).shareOfLimit('ES', 500, dayMs)).toBeLessThan(0.1);
  });

  it('gives up after two batches in a row that could not be read', () => {
    const estimate = newEstimate();
    estimate.learnBatch(false);
    estimate.learnBatch(true);
    estimate.learnBatch(false);
    expect(estimate.mayBatch).toBe(true);
    estimate.learnBatch(false);
    expect(estimate.mayBatch).toBe(false);
    estimate.learnBatch(true);
    expect(estimate.mayBatch).toBe(true);
  });
});
