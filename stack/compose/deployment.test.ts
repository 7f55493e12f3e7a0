import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { lokiConfig } from '../engines/lokiConfig';
import { repositoryRoot } from '../lib/repository';
import { readShippedDashboard } from '../lib/shippedDashboard';
import { type ComposeFile, composeProblems, withDefaults } from './composeFile';
import {
  type DashboardProvider,
  dataSourceProblems,
  type ProvisionedDataSource,
  providerProblems,
} from './provisioning';

const pluginId = 'oscar-metrics-datasource';

function read<T>(path: string): T {
  return parse(readFileSync(join(repositoryRoot, path), 'utf8'), { merge: true }) as T;
}

const compose = () => read<ComposeFile>('docker-compose.yaml');
const dataSources = () =>
  read<{ datasources: ProvisionedDataSource[] }>('provisioning/datasources/datasources.yaml').datasources;
const providers = () => read<{ providers: DashboardProvider[] }>('provisioning/dashboards/dashboards.yaml').providers;

const rules = { pluginId, exists: (path: string) => existsSync(join(repositoryRoot, path)) };

/** Folders of Grafana's container that are the repository's folder of dashboards. */
function dashboardFolders({ services }: ComposeFile): string[] {
  return (services.grafana?.volumes ?? [])
    .map((volume) => volume.split(':'))
    .filter(([source]) => source === './src/dashboards')
    .map(([, target = '']) => target);
}

const provisioningRules = () => ({
  pluginId,
  hosts: Object.keys(compose().services),
  dashboardFolders: dashboardFolders(compose()),
});

describe('docker-compose.yaml', () => {
  it('breaks no rule', () => {
    expect(composeProblems(compose(), rules)).toEqual([]);
  });

  it.each<[string, (services: ComposeFile['services']) => void, string]>([
    ['an open port', ({ loki }) => (loki!.ports = ['3100:3100']), 'loki: port 3100:3100 is not on loopback'],
    [
      'a version that moves',
      ({ loki }) => (loki!.image = 'grafana/loki:latest'),
      'loki: image grafana/loki:latest is not pinned to a version',
    ],
    ['an image without a version', ({ loki }) => delete loki!.image, 'loki: image (none) is not pinned to a version'],
    ['a missing health check', ({ loki }) => delete loki!.healthcheck, 'loki: has no health check'],
    ['new privileges', ({ loki }) => delete loki!.security_opt, 'loki: may gain privileges'],
    ['capabilities', ({ plugin }) => delete plugin!.cap_drop, 'plugin: keeps capabilities'],
    ['all privileges', ({ plugin }) => (plugin!.privileged = true), 'plugin: keeps capabilities'],
    ['a writable image', ({ grafana }) => (grafana!.read_only = false), 'grafana: may write to its image'],
    ['processes without end', ({ traffic }) => delete traffic!.pids_limit, 'traffic: has no limit of processes'],
    ['memory without end', ({ prometheus }) => delete prometheus!.mem_limit, 'prometheus: has no limit of memory'],
    ['no user', ({ plugin }) => delete plugin!.user, 'plugin: runs as root'],
    ['the user root', ({ loki }) => (loki!.user = '0:0'), 'loki: runs as root'],
    ['a missing file', ({ loki }) => (loki!.volumes = ['./no.yaml:/x:ro']), 'loki: ./no.yaml does not exist'],
    ['a writable source', ({ loki }) => (loki!.volumes = ['./src:/x']), 'loki: ./src is not mounted read-only'],
    ['an undeclared volume', ({ loki }) => (loki!.volumes = ['other:/x']), 'loki: volume other is not declared'],
    ['a lost service', (services) => delete services.loki, 'traffic: depends on loki, which does not exist'],
    [
      'a start that does not wait',
      ({ traffic }) => (traffic!.depends_on = { loki: { condition: 'service_started' } }),
      'traffic: does not wait until loki works',
    ],
    [
      'a password in the file',
      ({ grafana }) => (grafana!.environment!.GF_SECURITY_ADMIN_PASSWORD = 'admin'),
      'grafana: the password is not required from the environment',
    ],
    [
      'a password with a default',
      ({ grafana }) => (grafana!.environment!.GF_SECURITY_ADMIN_PASSWORD = '${GRAFANA_ADMIN_PASSWORD:-admin}'),
      'grafana: the password is not required from the environment',
    ],
    [
      'a plugin that is not allowed',
      ({ grafana }) => delete grafana!.environment!.GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS,
      `grafana: ${pluginId} is not allowed unsigned`,
    ],
    ['a plugin that is not there', ({ grafana }) => (grafana!.volumes = []), `grafana: ${pluginId} is not mounted`],
  ])('would be refused with %s', (_name, spoil, problem) => {
    const file = compose();
    spoil(file.services);
    expect(composeProblems(file, rules)).toContain(problem);
  });

  it('runs the Prometheus that promtool is taken from', () => {
    const image = withDefaults(compose().services.prometheus?.image ?? '');
    const dockerfile = readFileSync(join(repositoryRoot, 'deploy/compose/Dockerfile'), 'utf8');
    expect(`prom/prometheus:v${/PROMETHEUS_VERSION=(\S+)/.exec(dockerfile)?.[1]}`).toBe(image);
  });
});

describe('provisioning/', () => {
  it('breaks no rule', () => {
    expect(dataSourceProblems(dataSources(), provisioningRules())).toEqual([]);
    expect(providerProblems(providers(), provisioningRules())).toEqual([]);
  });

  it('offers the dashboard a data source of the type that its variable lists', () => {
    const [variable] = readShippedDashboard().templating.list;
    expect(dataSources().map(({ type }) => type)).toContain(variable?.query);
  });

  it.each<[string, (oscar: ProvisionedDataSource, loki: ProvisionedDataSource) => void, string]>([
    ['no uid', (_oscar, loki) => delete loki.uid, 'Loki: has no fixed uid'],
    ['a uid twice', (_oscar, loki) => (loki.uid = 'prometheus'), 'Loki: uid prometheus is used twice'],
    ['another access', (_oscar, loki) => (loki.access = 'direct'), 'Loki: access is not "proxy"'],
    [
      'an unknown host',
      (_oscar, loki) => (loki.url = 'http://localhost:3100'),
      'Loki: nobody answers at http://localhost:3100',
    ],
    ['another type', (oscar) => (oscar.type = 'other'), `no data source of type ${pluginId}`],
    [
      'a uid that leads elsewhere',
      (oscar) => (oscar.jsonData = { prometheusUid: 'prometheus', lokiUid: 'prometheus' }),
      'OSCAR Metrics: lokiUid prometheus is not a loki',
    ],
    [
      'a single dollar sign',
      (oscar) => (oscar.jsonData!.membershipRules = [{ pattern: '^a$$|b$', membership: 'member' }]),
      'OSCAR Metrics: a single $ in "^a$$|b$"',
    ],
  ])('would be refused with %s', (_name, spoil, problem) => {
    const all = dataSources();
    const named = (name: string) => all.find((one) => one.name === name) as ProvisionedDataSource;
    spoil(named('OSCAR Metrics'), named('Loki'));
    expect(dataSourceProblems(all, provisioningRules())).toContain(problem);
  });

  it('would be refused with a folder without dashboards', () => {
    const [provider] = providers();
    const moved = { ...(provider as DashboardProvider), options: { path: '/etc/elsewhere' } };
    expect(providerProblems([moved], provisioningRules())).toEqual(['OSCAR: no dashboards at /etc/elsewhere']);
    expect(providerProblems([], provisioningRules())).toEqual(['no dashboard is provisioned']);
  });
});

describe('deploy/compose/loki.yaml', () => {
  it('limits what is written and asked as the Loki of the tests does', () => {
    const tested = lokiConfig({ dataDirectory: '/loki', httpPort: 3100, grpcPort: 9095 });
    const composed = read<Record<string, unknown>>('deploy/compose/loki.yaml');
    expect(composed.limits_config).toEqual(tested.limits_config);
    expect(composed.schema_config).toEqual(tested.schema_config);
    expect(composed.ingester).toEqual(tested.ingester);
    expect(composed.compactor).toEqual(tested.compactor);
  });
});
