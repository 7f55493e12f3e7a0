import { scrapesOfTargets } from './promqlScrapes';

it('looks at the paths that deliver, where all targets name theirs', () => {
  const kubelet = { job: 'kubelet', path: '/metrics/cadvisor' };
  expect(scrapesOfTargets([kubelet, { ...kubelet, job: 'a.b' }], 1000)).toContain(
    'up{job=~"kubelet|a\\\\.b",metrics_path=~"/metrics/cadvisor"}[1000ms]'
  );
  expect(scrapesOfTargets([kubelet, { job: 'cadvisor' }], 1000)).toContain('up{job=~"kubelet|cadvisor"}[1000ms]');
});
