import { type Labelling, labellingIn, nodesWithoutSamples } from './promqlCounters';
import { podlessCpu, type CpuWindow, livesOfPods, podLabels, samplesOfPods, shownIn } from './promqlCpu';

const usual: Labelling = { exportedCounters: false, withoutId: false, exportedObjects: false };
const mixed: Labelling = { exportedCounters: true, withoutId: true, exportedObjects: true };

const windowOf = (labelling: Labelling): CpuWindow => ({
  servicesNamespace: 'oscar-svc',
  labelling,
  windowMs: 86_400_000,
  lookbackMs: 3_600_000,
  scrapeMs: 30_000,
});

const queriesOf = (labelling: Labelling) => {
  const window = windowOf(labelling);
  return [
    shownIn(window),
    livesOfPods(window),
    podLabels(window, 1000),
    nodesWithoutSamples(window, 1000),
    labellingIn('oscar-svc', 1000, 'part'),
    podlessCpu('oscar-svc', 1000),
    ...samplesOfPods(window, ['a'], 1000),
  ];
};

it.each([usual, mixed].flatMap(queriesOf))('balances its brackets: %#', (query) => {
  for (const [open, close] of ['()', '{}', '[]'].map((pair) => [...pair])) {
    expect(query.split(open ?? '')).toHaveLength(query.split(close ?? '').length);
  }
});

it('reads no labels that no series has', () => {
  expect(queriesOf(usual).slice(0, 4).join()).not.toContain('exported_');
  expect(samplesOfPods(windowOf(usual), undefined, 1000)).toHaveLength(1);
});

it('keeps the name of a pod from becoming an expression', () => {
  const [own, , exported] = samplesOfPods(windowOf(mixed), ['a.b"}', 'c'], 1000);
  expect(own).toContain(',pod=~"a\\\\.b\\"\\\\}|c"');
  expect(exported).toContain(',pod=~"a\\\\.b\\"\\\\}|c"');
});

it('keeps within what VictoriaMetrics takes for a query', () => {
  expect(Math.max(...queriesOf(mixed).map(({ length }) => length))).toBeLessThan(16_384);
});
