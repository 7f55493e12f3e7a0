import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { resolveBinaries } from '../../stack/engines';
import { findFreePort } from '../../stack/lib/ports';
import { silentLog } from '../../stack/lib/progress';
import { deployed, deployPath, lokiOfChart, readDeployed } from './support/deployFiles';
import { openScratch, type Scratch } from './support/scratch';
import { type Served, serve } from './support/served';

// What deploy/ gives to Loki and Prometheus, as they themselves see it. Helm, kind and Alloy are not run here: .github/workflows/deploy.yml.
const run = promisify(execFile);
let scratch: Scratch;

beforeAll(async () => {
  scratch = await openScratch();
});

afterAll(() => scratch?.close());

async function promtool(...given: string[]): Promise<string> {
  const { promtool: program } = await resolveBinaries(silentLog);
  const { stdout } = await run(program, given);
  return stdout;
}

it('has rules that Prometheus accepts, and that do what they say', async () => {
  await expect(
    promtool('check', 'rules', '--lint=all', '--lint-fatal', deployPath('rules/prometheus.yaml'))
  ).resolves.toContain('SUCCESS');
  await expect(promtool('test', 'rules', deployPath('rules/prometheus.test.yaml'))).resolves.toContain('SUCCESS');
});

it('has a configuration that Prometheus accepts', async () => {
  const values = deployed<{ serverFiles: Record<string, Record<string, unknown>>; server: { global: object } }>(
    'helm/prometheus.yaml'
  );
  const file = join(scratch.directory, 'prometheus.yml');
  const configuration = JSON.stringify({ ...values.serverFiles['prometheus.yml'], global: values.server.global });
  // The files of a pod are not there: promtool looks for them.
  const token = join(scratch.directory, 'token');
  writeFileSync(token, '');
  const here = configuration
    .replaceAll(/\/var\/run\/secrets\/[a-z.\/]+/g, token)
    .replace('/etc/config/oscar.yml', deployPath('rules/prometheus.yaml'));
  writeFileSync(file, here);
  await expect(promtool('check', 'config', file)).resolves.toContain('SUCCESS');
});

it.each([['kube-prometheus-stack.yaml', ['prometheus', 'prometheusSpec', 'additionalScrapeConfigs']]])(
  'has scrape configurations that Prometheus accepts: %s',
  async (name, path) => {
    const values = deployed<Record<string, unknown>>(`helm/${name}`);
    const configs = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], values);
    const file = join(scratch.directory, 'additional.yml');
    writeFileSync(file, JSON.stringify({ scrape_configs: configs }));
    await expect(promtool('check', 'config', file)).resolves.toContain('SUCCESS');
  }
);

describe('Loki with the values of its chart', () => {
  let loki: Served;

  beforeAll(async () => {
    const { loki: program } = await resolveBinaries(silentLog);
    const directory = join(scratch.directory, 'loki');
    mkdirSync(join(directory, 'rules/fake'), { recursive: true });
    cpSync(deployPath('rules/loki.yaml'), join(directory, 'rules/fake/oscar.yaml'));
    const http = await findFreePort();
    const file = join(directory, 'loki.yaml');
    writeFileSync(file, JSON.stringify(lokiOfChart(directory, { http, grpc: await findFreePort() })));
    await run(program, [`-config.file=${file}`, '-verify-config']);
    loki = await serve(program, [`-config.file=${file}`], `http://127.0.0.1:${http}/config`);
  });

  afterAll(() => loki?.stop());

  /** As the tenant of a Loki without tenants. */
  const headers = { 'X-Scope-OrgID': 'fake' };
  const get = async (path: string) => (await fetch(new URL(path, loki.url), { headers })).text();

  it('keeps lines for 200 days, and records for years', async () => {
    const limits = JSON.parse(await get('/loki/api/v1/drilldown-limits')) as { limits: Record<string, unknown> };
    expect(limits.limits).toMatchObject({ retention_period: '200d', max_query_length: '0s', max_query_series: 10000 });
    const config = await get('/config');
    expect(config).toMatch(
      /retention_stream:\n\s+- period: 5y\n\s+priority: 1\n\s+selector: '\{job="oscar-usage-records"\}'/
    );
    expect(config).toMatch(/retention_enabled: true/);
  });

  it('refuses deletions', async () => {
    const query = new URLSearchParams({ query: '{app="oscar"}', start: '0', end: '1' });
    const response = await fetch(new URL(`/loki/api/v1/delete?${query}`, loki.url), { method: 'POST' });
    expect(response.status).toBe(403);
  });

  it("answers the questions of the operators' dashboard", async () => {
    const { panels } = JSON.parse(readDeployed('dashboards/oscar-pipeline.json')) as {
      panels: Array<{ targets: Array<{ datasource: { type: string }; expr: string }> }>;
    };
    const asked = panels.flatMap(({ targets }) => targets).filter(({ datasource }) => datasource.type === 'loki');
    expect(asked).toHaveLength(2);
    for (const { expr } of asked) {
      const query = new URLSearchParams({ query: expr.replace('$__auto', '5m') });
      expect(JSON.parse(await get(`/loki/api/v1/query?${query}`))).toMatchObject({ status: 'success' });
    }
  });

  it('raises an alert where lines or records are absent, or are not understood', async () => {
    interface Rule {
      alert: string;
      expr: string;
    }
    const rules = deployed<{ groups: Array<{ rules: Rule[] }> }>('rules/loki.yaml').groups.flatMap(
      (group) => group.rules
    );
    const raised = async () => {
      const answers = rules.map(async ({ alert, expr }) => {
        const { data } = JSON.parse(await get(`/loki/api/v1/query?${new URLSearchParams({ query: expr })}`)) as {
          data: { result: unknown[] };
        };
        return data.result.length > 0 ? [alert] : [];
      });
      return (await Promise.all(answers)).flat().sort();
    };
    expect(await raised()).toEqual(['OscarManagerSilent', 'OscarUsageRecordLate']);
    const manager = { namespace: 'oscar', app: 'oscar' };
    const push = async (stream: Record<string, string>, line: string) => {
      const body = JSON.stringify({ streams: [{ stream, values: [[`${Date.now() - 1000}000000`, line]] }] });
      const response = await fetch(new URL('/loki/api/v1/push', loki.url), {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body,
      });
      expect(response.status).toBe(204);
    };
    await push(manager, '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z | 200 |   1ms | 192.0.2.7 | POST    /job/a | u');
    await push({ job: 'oscar-usage-records' }, '{}');
    expect(await raised()).toEqual([]);
    await push(manager, '[GIN-EXECUTIONS-LOGGER] 2026-06-15T10:00:00Z 200 POST /job/a');
    expect(await raised()).toEqual(['OscarLinesNotUnderstood']);
  });

  it('evaluates our rules', async () => {
    const expected = deployed<{ groups: Array<{ rules: Array<{ alert: string }> }> }>('rules/loki.yaml').groups.flatMap(
      ({ rules }) => rules.map(({ alert }) => alert)
    );
    const deadline = Date.now() + 120_000;
    for (;;) {
      const { data } = JSON.parse(await get('/prometheus/api/v1/rules')) as {
        data: { groups: Array<{ rules: Array<{ name: string; health: string; lastError?: string }> }> };
      };
      const rules = data.groups.flatMap(({ rules: ofGroup }) => ofGroup);
      if (rules.length === expected.length || Date.now() > deadline) {
        expect(rules.map(({ name }) => name).sort()).toEqual([...expected].sort());
        expect(rules.filter(({ lastError }) => lastError)).toEqual([]);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  });
});
