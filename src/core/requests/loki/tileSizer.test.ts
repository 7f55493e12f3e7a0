import fc from 'fast-check';

import { defaultLimits } from '../../upstream/learnedLimits';
import { TileSizer } from './tileSizer';

const dayMs = 86_400_000;
const newSizer = (maxSeries = 500) => new TileSizer({ ...defaultLimits(), maxSeries });

/** A sizer that saw a day of 1000 lines from Spain. */
function learned(keys: number, engineMs?: number): TileSizer {
  const sizer = newSizer();
  sizer.learn(new Map([['ES', 1000]]), keys, dayMs, engineMs);
  return sizer;
}

it('takes each line for another one as long as it knows nothing', () => {
  const sizer = newSizer();
  expect(sizer.hasLearned).toBe(false);
  expect(sizer.fillOf('ES', 409, dayMs)).toBe(1);
  expect(sizer.fillOf(undefined, 409, 20 * dayMs)).toBe(1);
  expect(sizer.fillOf('ES', 0, dayMs)).toBe(0);
});

it('learns that lines make fewer keys', () => {
  const sizer = learned(100);
  expect(sizer.hasLearned).toBe(true);
  expect(sizer.fillOf('ES', 1000, dayMs)).toBeCloseTo(100 / 409);
});

it('learns nothing from an answer about no lines', () => {
  const sizer = newSizer();
  sizer.learn(new Map([['ES', 0]]), 0, dayMs, 10);
  expect(sizer.hasLearned).toBe(false);
});

const keys = fc.integer({ min: 1, max: 1000 });
const days = fc.integer({ min: 1, max: 30 });

it('expects fewer keys of each line the more time there is, and more keys of more lines', () => {
  fc.assert(
    fc.property(keys, days, days, fc.integer({ min: 1, max: 5000 }), (known, a, b, lines) => {
      const sizer = learned(known);
      const [shorter, longer] = [Math.min(a, b) * dayMs, Math.max(a, b) * dayMs];
      expect(sizer.fillOf('ES', lines, longer)).toBeLessThanOrEqual(sizer.fillOf('ES', lines, shorter));
      expect(sizer.fillOf('ES', lines + 1, longer)).toBeGreaterThan(sizer.fillOf('ES', lines, longer));
    })
  );
});

it('never expects more keys than lines', () => {
  fc.assert(
    fc.property(keys, fc.constantFrom('ES', 'PL', undefined), fc.nat({ max: 5000 }), days, (known, value, lines, n) => {
      expect(learned(known).fillOf(value, lines, n * dayMs)).toBeLessThanOrEqual(
        newSizer().fillOf(value, lines, dayMs)
      );
    })
  );
});

it('expects of streams that it does not know no fewer keys than of those that it knows, with as many lines or fewer', () => {
  fc.assert(
    fc.property(keys, days, fc.integer({ min: 1, max: 1000 }), (known, n, lines) => {
      const sizer = learned(known);
      expect(sizer.fillOf('PL', lines * n, n * dayMs)).toBeGreaterThanOrEqual(sizer.fillOf('ES', lines * n, n * dayMs));
    })
  );
});

it('expects as many keys of many lines that it does not know as of the most various of those that have fewer', () => {
  const sizer = learned(100);
  sizer.learn(new Map([['DE', 2000]]), 1000, dayMs, undefined);
  // More than that, to be careful.
  expect(sizer.fillOf('PL', 1500, dayMs)).toBeCloseTo((1500 * 0.1 * 1.6) / 409);
  expect(sizer.fillOf('PL', 2500, dayMs)).toBeCloseTo((2500 * 0.5 * 1.6) / 409);
});

it('asks for less after too many keys, and remembers the limit that Loki named', () => {
  const sizer = learned(500);
  const before = sizer.fillOf('ES', 100, dayMs);
  sizer.learnTooMany(['ES'], undefined);
  const after = sizer.fillOf('ES', 100, dayMs);
  expect(after).toBeGreaterThan(before);
  sizer.learnTooMany(['ES', 'PL'], 50);
  expect(sizer.fillOf('ES', 100, dayMs)).toBeGreaterThan(after * 9);
  sizer.learnTooMany([], 5000);
  expect(newSizer(50).fillOf(undefined, 40, dayMs)).toBe(1);
  expect(sizer.fillOf('ES', 100, dayMs)).toBeGreaterThan(after * 9);
});

it('asks for half of the lines that took the engine long, and for half of these when they do, too', () => {
  const sizer = learned(1, 4001);
  expect(sizer.fillOf('ES', 500, dayMs)).toBe(1);
  expect(sizer.fillOf('PL', 1000, dayMs)).toBe(2);
  sizer.learnTooSlow(400);
  expect(sizer.fillOf('ES', 200, dayMs)).toBe(1);
  // Also where the same lines fail again and again.
  sizer.learnTooSlow(400);
  expect(sizer.fillOf('ES', 100, dayMs)).toBe(1);
  expect(learned(1, 4000).fillOf('ES', 500, dayMs)).toBeLessThan(0.1);
});

it('gives up after two blocks in a row that could not be read', () => {
  const sizer = newSizer();
  sizer.learnBlock(false);
  sizer.learnBlock(true);
  sizer.learnBlock(false);
  expect(sizer.mayAsk).toBe(true);
  sizer.learnBlock(false);
  expect(sizer.mayAsk).toBe(false);
  sizer.learnBlock(true);
  expect(sizer.mayAsk).toBe(true);
});
