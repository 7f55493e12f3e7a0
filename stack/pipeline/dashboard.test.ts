import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { repositoryRoot } from '../lib/repository';

// The dashboard and the rules of operators, against what the small Prometheus of deploy/helm keeps.
const read = (path: string) => readFileSync(join(repositoryRoot, 'deploy', path), 'utf8');

interface Panel {
  id: number;
  title: string;
  description: string;
  datasource: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets: Array<{ expr: string }>;
}
interface Rules {
  groups: Array<{ rules: Array<{ record?: string; expr: string }> }>;
}
interface Values {
  serverFiles: {
    'prometheus.yml': {
      scrape_configs: Array<{ job_name: string; metric_relabel_configs?: Array<{ regex: string; action: string }> }>;
    };
  };
}

const { panels } = JSON.parse(read('dashboards/oscar-pipeline.json')) as { panels: Panel[] };
const rules = (parse(read('rules/prometheus.yaml')) as Rules).groups.flatMap((group) => group.rules);
const recorded = rules.flatMap(({ record }) => record ?? []);
const kept = (parse(read('helm/prometheus.yaml')) as Values).serverFiles['prometheus.yml'].scrape_configs
  .flatMap((job) => job.metric_relabel_configs ?? [])
  .filter(({ action }) => action === 'keep')
  .map(({ regex }) => new RegExp(`^(?:${regex})$`));

/** Names of metrics in an expression of PromQL. */
function metricsIn(expr: string): string[] {
  const names = /(?<![\w:"])(?:oscar:[\w:]+|(?:loki|kubelet|prometheus|kube)_[a-z_]+)(?![\w:("])/g;
  const metrics = (expr.replaceAll(/\{[^}]*\}|"[^"]*"/g, '').match(names) ?? []).filter(
    (name) => !/^(?:by|on)$/.test(name)
  );
  return [...new Set(metrics)];
}

const expressions = [
  ...rules.map(({ expr }): [string, string] => [expr, expr]),
  ...panels
    .filter(({ datasource }) => datasource.uid === 'prometheus')
    .flatMap(({ title, targets }) => targets.map(({ expr }): [string, string] => [title, expr])),
];

it.each(expressions)('asks for what is kept: %s', (_, expr) => {
  const metrics = metricsIn(expr);
  // `up` is always there.
  expect(metrics.length > 0 || /\bup\{/.test(expr)).toBe(true);
  expect(metrics.filter((name) => !recorded.includes(name) && !kept.some((rule) => rule.test(name)))).toEqual([]);
});

it('has panels that say what they show, each at a place of its own', () => {
  expect(panels.filter(({ title, description }) => !title || !description)).toEqual([]);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});
