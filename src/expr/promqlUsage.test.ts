import { cpuOddities, type CpuWindow, livesOfPods, samplesOfPods, usedByPod } from './promqlUsage';

const window: CpuWindow = {
  servicesNamespace: 'oscar-svc',
  windowMs: 86_400_000,
  lookbackMs: 3_600_000,
  scrapeMs: 30_000,
};

it.each([usedByPod(window), livesOfPods(window), cpuOddities(window, true), samplesOfPods(window, ['a'], 1000)])(
  'balances its parentheses and never reads the cgroup of a pod: %#',
  (query) => {
    expect(query.split('(')).toHaveLength(query.split(')').length);
    const selectors = query.match(/container_cpu_usage_seconds_total\{[^}]*\}/g) ?? [];
    expect(selectors.length).toBeGreaterThan(0);
    expect(selectors.every((selector) => selector.includes('container!=""'))).toBe(true);
  }
);

it('keeps the name of a pod from becoming an expression', () => {
  expect(samplesOfPods(window, ['a.b"}', 'c'], 1000)).toContain('pod=~"a\\\\.b\\"\\\\}|c"');
});
