import { counterAt, cpuSeconds, type Life, trueHours } from './lives';

const container = { name: 'c', cores: 2, hasRhythm: true, restarts: [5000] };
const life: Life = {
  pod: 'a-dlp-1',
  service: 'a',
  kind: 'deployment',
  node: 'n',
  start: 1000,
  end: 9000,
  containers: [container],
};

it('adds up over adjacent stretches', () => {
  const whole = cpuSeconds(container, { from: 1000, to: 9000 });
  const parts = cpuSeconds(container, { from: 1000, to: 4321 }) + cpuSeconds(container, { from: 4321, to: 9000 });
  expect(parts).toBeCloseTo(whole, 8);
});

it('uses its mean over whole days', () => {
  expect(cpuSeconds(container, { from: 123, to: 123 + 86_400 })).toBeCloseTo(2 * 86_400, 6);
});

it('shows a counter that begins at 0 again after a restart', () => {
  expect(counterAt(life, container, 1000)).toBe(0);
  expect(counterAt(life, container, 5000)).toBe(0);
  expect(counterAt(life, container, 4999)).toBeGreaterThan(counterAt(life, container, 5010));
});

it('knows the hours of a range, whatever lies outside of it', () => {
  const expected = cpuSeconds(container, { from: 8000, to: 9000 }) / 3600;
  expect(trueHours([life], { from: 8000, to: 20_000 }).get('a')).toBeCloseTo(expected, 10);
  expect(trueHours([life], { from: 9000, to: 20_000 }).size).toBe(0);
});
