import fc from 'fast-check';

import { podNamePatterns, serviceOfPod } from '../domain/podName';
import { isServiceName } from '../domain/serviceName';
import { withServiceOfName } from './promqlText';
import { cpuByService, cpuOddities, cpuPresence, type CpuWindow, lastOfPods, samplesOfPods } from './promqlUsage';

const window: CpuWindow = {
  servicesNamespace: 'oscar-svc',
  windowMs: 86_400_000,
  lookbackMs: 3_600_000,
  scrapeMs: 30_000,
  hasLifetimes: true,
};

it.each([
  cpuByService(window, { known: true, named: true }),
  cpuByService({ ...window, hasLifetimes: false }, { known: false, named: true }),
  cpuPresence(window),
  cpuOddities(window, true),
  lastOfPods(window, ['a']),
  lastOfPods({ ...window, scrapeMs: 120_000 }, ['a', 'b']),
])('balances its parentheses and never reads the cgroup of a pod: %#', (query) => {
  expect(query.split('(')).toHaveLength(query.split(')').length);
  const selectors = query.match(/container_cpu_usage_seconds_total\{[^}]*\}/g) ?? [];
  expect(selectors.length).toBeGreaterThan(0);
  expect(selectors.every((selector) => selector.includes('container!=""'))).toBe(true);
});

it('asks for the time of samples only where scrapes are few', () => {
  expect(lastOfPods(window, ['a'])).not.toContain('timestamp(');
  expect(lastOfPods({ ...window, scrapeMs: 120_000 }, ['a'])).toContain(':120000ms]');
});

it('halves the increment of two samples only, of which all engines know the same', () => {
  const query = cpuByService(window, { known: true, named: true });
  expect(query.split('idelta(')).toHaveLength(3);
  expect(query.match(/ and \(count_over_time\(.+?\) > 1\)\) \/ 2 or /g)).toHaveLength(2);
});

it('keeps the name of a pod from becoming an expression', () => {
  expect(samplesOfPods(window, ['a.b"}', 'c'], 1000)).toContain('pod=~"a\\\\.b\\"\\\\}|c"');
});

/** What the engine makes of nested `label_replace`s: the last one that matches wins. */
function replaced(pod: string): string | undefined {
  return [...podNamePatterns]
    .reverse()
    .reduce<string | undefined>((name, pattern) => new RegExp(`^(?:${pattern})$`).exec(pod)?.[1] ?? name, undefined);
}

it('reads names as the engine does', () => {
  const part = fc.constantFrom(
    'a',
    'yolo',
    'dlp',
    'predictor',
    '00001',
    'deployment',
    '1a2b3c4d',
    '1234',
    'cm6c9',
    '-'
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const pod = parts.join('-');
      const there = replaced(pod) ?? '';
      expect(serviceOfPod(pod)).toBe(isServiceName(there) ? there : undefined);
    })
  );
  expect(withServiceOfName('x', 'target').match(/label_replace/g)).toHaveLength(podNamePatterns.length);
});
