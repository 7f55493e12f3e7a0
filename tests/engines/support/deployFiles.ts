import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';

import { repositoryRoot } from '../../../stack/lib/repository';

export const deployPath = (path: string): string => join(repositoryRoot, 'deploy', path);

export const readDeployed = (path: string): string => readFileSync(deployPath(path), 'utf8');

/** A file of deploy/ as data. */
export function deployed<T>(path: string): T {
  return parse(readDeployed(path)) as T;
}

/** Values of Loki's chart. */
export interface LokiValues {
  loki: Record<string, Record<string, unknown>> & { auth_enabled: boolean };
}

/**
 * Loki's configuration as the chart makes it of deploy/helm/loki.yaml (templates/_helpers.tpl and `loki.config` of its values), with the data
 * under a folder.
 */
export function lokiOfChart(dataDirectory: string, ports: { http: number; grpc: number }): Record<string, unknown> {
  const { loki } = deployed<LokiValues>('helm/loki.yaml');
  const storage = JSON.parse(
    JSON.stringify({ filesystem: loki['storage']?.['filesystem'] }).replaceAll('/var/loki', dataDirectory)
  ) as object;
  return {
    auth_enabled: loki.auth_enabled,
    server: {
      ...loki['server'],
      http_listen_port: ports.http,
      grpc_listen_port: ports.grpc,
      http_listen_address: '127.0.0.1',
    },
    common: {
      ...loki['commonConfig'],
      path_prefix: dataDirectory,
      instance_addr: '127.0.0.1',
      ring: { instance_addr: '127.0.0.1', kvstore: { store: 'inmemory' } },
      storage,
    },
    schema_config: loki['schemaConfig'],
    ingester: loki['ingester'],
    compactor: { ...loki['compactor'], working_directory: join(dataDirectory, 'compactor') },
    limits_config: loki['limits_config'],
    ruler: {
      ...loki['rulerConfig'],
      storage: { type: 'local', local: { directory: join(dataDirectory, 'rules') } },
      rule_path: join(dataDirectory, 'rules-tmp'),
    },
    analytics: { reporting_enabled: false },
  };
}
