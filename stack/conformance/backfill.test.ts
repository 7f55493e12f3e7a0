import { layersOf, openMetricsOf } from './backfill';
import { type CaseSeries } from './caseSeries';

const series = (change: Partial<CaseSeries> = {}): CaseSeries => ({
  metric: 'up',
  labels: { job: 'kubelet' },
  from: 0,
  to: 0,
  start: 1,
  perMinute: 0,
  ...change,
});

it('writes a sample a minute, at both ends too', () => {
  const counter = series({ metric: 'cpu_total', from: -60_000, to: 60_000, start: 5, perMinute: 1.5 });
  expect(openMetricsOf([series(), counter])).toBe(
    [
      'up{job="kubelet"} 1 0',
      'cpu_total{job="kubelet"} 5 -60',
      'cpu_total{job="kubelet"} 6.5 0',
      'cpu_total{job="kubelet"} 8 60',
      '# EOF\n',
    ].join('\n')
  );
});

it('escapes the values of labels', () => {
  expect(openMetricsOf([series({ labels: { a: 'x"\\\ny', b: '' } })])).toContain('up{a="x\\"\\\\\\ny",b=""} 1 0');
});

it('puts all cases into one Prometheus, but those that have the same time', () => {
  const day = (from: number, to: number) => [series({ from, to })];
  expect(layersOf([day(0, 10), [], day(11, 20), day(5, 12), day(10, 11), day(13, 30)])).toEqual([0, 0, 0, 1, 2, 1]);
});
