import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import * as v from 'valibot';
import { parse, stringify } from 'yaml';

import { optionSchemas } from '../../src/core/optionsSchema';
import { dashboards } from '../dashboards';
import { repositoryRoot } from '../lib/repository';
import { alloyText } from './alloy';
import { countryDatabase } from './mmdb';
import { ingressPipeline, managerPipeline } from './pipelines';

const byHand = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');

/** The dashboards, and the files of deploy/ that are made from the code and from other files, by their paths in the repository. */
export function generatedFiles(): Map<string, string> {
  const configurations = alloyTexts();
  const { 'compose.alloy': compose, ...ofCluster } = configurations;
  const collector = {
    ...ofCluster,
    'start.sh': byHand('deploy/alloy/start.sh'),
    'country-database.sh': byHand('deploy/alloy/country-database.sh'),
  };
  const empty = countryDatabase([], new Date('2026-01-01T00:00:00Z')).toString('base64');
  return new Map([
    ...dashboards.map((one): [string, string] => [
      `src/dashboards/${one.uid}.json`,
      `${JSON.stringify(one, null, 2)}\n`,
    ]),
    ['deploy/alloy/compose.alloy', compose],
    ...Object.entries(ofCluster).map(([name, text]): [string, string] => [`deploy/alloy/${name}`, text]),
    [
      'deploy/kubernetes/alloy/configuration.yaml',
      manifests([
        configMap('alloy-configuration', 'oscar-collector', { data: collector }),
        configMap('alloy-empty-database', 'oscar-collector', { binaryData: { 'empty.mmdb': empty } }),
      ]),
    ],
    [
      'deploy/kubernetes/gateway/configuration.yaml',
      manifests([
        configMap('loki-read', 'oscar-monitoring', { data: { 'nginx.conf': byHand('deploy/gateway/nginx.conf') } }),
      ]),
    ],
    ['deploy/helm/kube-prometheus-stack-rules.yaml', manifests([{ additionalPrometheusRulesMap: { oscar: rules() } }])],
  ]);
}

function rules(): unknown {
  return parse(byHand('deploy/rules/prometheus.yaml'));
}

function alloyTexts() {
  const servicesNamespace = v.parse(optionSchemas.servicesNamespace, undefined);
  const [open, hidden] = [false, true].map((isPrivate) => [
    managerPipeline({ servicesNamespace, isPrivate }),
    ingressPipeline({ servicesNamespace, isPrivate }),
  ]);
  return {
    'cluster.alloy': alloyText(open ?? [], 'cluster'),
    'private.alloy': alloyText(hidden ?? [], 'cluster'),
    'compose.alloy': alloyText(open ?? [], 'compose'),
  };
}

function configMap(name: string, namespace: string, content: object): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace }, ...content };
}

function manifests(objects: readonly object[]): string {
  const texts = objects.map((object) => stringify(object, { lineWidth: 0, singleQuote: true }));
  return `# Made by "npm run deploy:generate"; "npm test" fails where it differs.\n${texts.join('---\n')}`;
}
