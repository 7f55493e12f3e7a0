import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { serviceLabels } from '../../src/core/domain/podLabels';
import { repositoryRoot } from '../lib/repository';
import { labelsAllowlist, neededSeries } from './series';

// The values of Helm charts, against what the reports ask for. Helm itself is not run here: .github/workflows/deploy.yml.
const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');

interface Values {
  'kube-state-metrics': { metricLabelsAllowlist: string[]; collectors?: string[] };
}
const values = (name: string) => parse(read(`deploy/helm/${name}`)) as Values;
const needed = Object.values(neededSeries).flat();

/** The metrics that expressions of the core name, comments left out. */
function askedSeries(): string[] {
  const files = readdirSync(join(repositoryRoot, 'src/core'), { recursive: true, encoding: 'utf8' });
  const texts = files
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .map((file) => read(join('src/core', file)).replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, ''));
  const metric = /\b(?:kube_(?:pod|node|configmap|namespace)_[a-z_]+|container_cpu_[a-z_]+_total|DCGM_FI_[A-Z_]+)\b/g;
  return [...new Set(texts.flatMap((text) => text.match(metric) ?? []))].sort();
}

it('keeps every series that is asked for', () => {
  expect(askedSeries().length).toBeGreaterThan(5);
  // Save & test takes it as a sign of the exporter, as it does others.
  const unneeded = ['kube_configmap_info'];
  expect(askedSeries().filter((name) => ![...needed, ...unneeded].some((one) => one === name))).toEqual([]);
});

interface Job {
  job_name: string;
  honor_labels?: boolean;
  metric_relabel_configs: Array<{ source_labels: string[]; regex: string; action: string }>;
}

it('keeps in a small Prometheus what is needed, and says which container', () => {
  const { serverFiles } = parse(read('deploy/helm/prometheus.yaml')) as {
    serverFiles: { 'prometheus.yml': { scrape_configs: Job[] } };
  };
  const jobs = new Map(serverFiles['prometheus.yml'].scrape_configs.map((job) => [job.job_name, job]));
  const keptBy = (name: string) => {
    const rule = jobs.get(name)?.metric_relabel_configs.find(({ action }) => action === 'keep');
    return rule?.regex.split('|').sort();
  };
  expect(keptBy('cadvisor')).toEqual([...neededSeries.cadvisor]);
  expect(keptBy('kube-state-metrics')).toEqual([...neededSeries.kubeStateMetrics]);
  expect(keptBy('dcgm-exporter')).toEqual([...neededSeries.dcgm]);
  expect(jobs.get('kube-state-metrics')?.honor_labels).toBe(true);
  expect(jobs.get('dcgm-exporter')?.honor_labels).toBe(true);
});

it.each(['prometheus.yaml', 'kube-prometheus-stack.yaml'])('exports the labels that lead to a service: %s', (name) => {
  expect(values(name)['kube-state-metrics'].metricLabelsAllowlist).toEqual(labelsAllowlist);
});

it('exports each label that services are read from', () => {
  const [pods = ''] = labelsAllowlist;
  const exported = pods
    .replace(/^pods=\[|\]$/g, '')
    .split(',')
    .map((label) => `label_${label.replaceAll(/[^a-z0-9]/g, '_')}`);
  expect(serviceLabels.map(({ label }) => label).filter((label) => !exported.includes(label))).toEqual([]);
});

it.each(['docs/configure.md'])('is what the documentation says: %s', (page) => {
  for (const list of labelsAllowlist.slice(0, 2)) {
    expect(read(page)).toContain(list);
  }
});
