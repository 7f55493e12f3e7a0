import { join } from 'node:path';

import { resolveBinaries, startLoki } from '../../stack/engines';
import { createHost } from '../../stack/host';
import { silentLog } from '../../stack/lib/progress';
import { type OpenStack } from '../../stack/openStack';
import { openIngress } from '../../stack/proxy/ingress';
import { createParameters } from '../../stack/traffic';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

// Up to the present, because the check is about now.
const traffic = createParameters({ ...fixedTraffic, days: 3, lines: 1500, users: 50, end: undefined });

let scratch: Scratch;
let stack: OpenStack;

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
});

afterAll(() => scratch?.close());

interface Report {
  status: string;
  message: string;
  details: { message: string; verboseMessage: string };
}

async function check(
  urls: { lokiUrl?: string; prometheusUrl?: string; passesToLoki?: boolean },
  jsonData: object = {}
): Promise<Report> {
  const host = await createHost(urls);
  const report = (await host.createDataSource(jsonData).testDatasource()) as Report;
  expect(host.inFlight).toBe(0);
  return report;
}

it('finds what is there', async () => {
  const { status, details } = await check({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
  expect(status).toBe('warning');
  expect(details.verboseMessage).toMatch(/Loki: reachable, version 3\.7\.6/);
  expect(details.verboseMessage).toMatch(/Prometheus: reachable, version 3\.13/);
  expect(details.verboseMessage).toMatch(
    /Loki: [\d,]+ request lines in the last 24 hours; the oldest known one is from 20/
  );
  expect(details.verboseMessage).toMatch(/Prometheus: oldest sample from 20/);
  expect(details.verboseMessage).toMatch(/deployed services are listed by kube_configmap_labels/);
  expect(details.verboseMessage).toMatch(/max_query_series 500/);
});

it('tells engines whose addresses are swapped', async () => {
  const { status, message, details } = await check({ lokiUrl: stack.prometheus.url, prometheusUrl: stack.loki.url });
  expect(status).toBe('error');
  expect(message).toMatch(/^Prometheus: no Prometheus API at the URL/);
  expect(details.message).toMatch(/Loki: no Loki API at the URL.*swapped/);
});

it('tells an engine that is not there', async () => {
  const { status, message } = await check({ lokiUrl: 'http://127.0.0.1:1', prometheusUrl: stack.prometheus.url });
  expect(status).toBe('error');
  expect(message).toMatch(/^Loki: Grafana cannot reach Loki \(502\)/);
});

it('tells a selector that matches nothing', async () => {
  const engines = { lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url };
  const { status, message } = await check(engines, { requestSelector: '{app="elsewhere"}' });
  expect(status).toBe('error');
  expect(message).toMatch(/no stream matches \{app="elsewhere"\} in the last 30 days/);
});

describe('write access to Loki', () => {
  /** Number of lines and of streams of a whole Loki, and its requests for deletion. */
  async function contents(url: string) {
    const [from, to] = [Date.now() - 7 * 86_400_000, Date.now() + 86_400_000].map((ms) => `${ms}000000`);
    const all = encodeURIComponent('{namespace=~".+"}');
    const count = encodeURIComponent('sum(count_over_time({namespace=~".+"} [8d]))');
    const text = async (path: string) => (await fetch(`${url}/loki/api/v1/${path}`)).text();
    const lines = JSON.parse(await text(`query?query=${count}&time=${to}`)) as {
      data: { result: Array<{ value: [number, string] }> };
    };
    const streams = JSON.parse(await text(`series?match[]=${all}&start=${from}&end=${to}`)) as { data: unknown[] };
    return [lines.data.result.map(({ value }) => value[1]), streams.data.length, await text('delete')];
  }

  it('is found through a Grafana that passes POST on, and nothing is written to find it', async () => {
    const before = await contents(stack.loki.url);
    const urls = { lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url, passesToLoki: true };
    const { status, details } = await check(urls);
    expect(status).toBe('warning');
    // Its compactor deletes nothing, so that it has no API for that.
    expect(details.message).toMatch(
      /can also write log lines \(POST loki\/api\/v1\/push\) and stop it \(GET services\)/
    );
    expect(await contents(stack.loki.url)).toEqual(before);
  });

  it('is found where lines can be deleted too, and no deletion is asked for', async () => {
    const { loki: binary } = await resolveBinaries(silentLog);
    const loki = await startLoki({
      binary,
      dataDirectory: join(scratch.directory, 'deleting'),
      preferredPort: 0,
      retention: '4800h',
    });
    const { details } = await check({ lokiUrl: loki.url, prometheusUrl: stack.prometheus.url, passesToLoki: true });
    // It is empty, which is an error of its own.
    expect(details.message).toMatch(/delete log lines \(POST loki\/api\/v1\/delete\)/);
    expect(await (await fetch(`${loki.url}/loki/api/v1/delete`)).json()).toEqual([]);
    await loki.stop();
  });

  it('is not there behind a Grafana that refuses POST, nor for what a gateway keeps away', async () => {
    const newer = await check({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
    expect(newer.details.message).toMatch(/can also stop it \(GET services\)/);
    expect(newer.details.message).not.toMatch(/write log lines|delete/);
    const gateway = await openIngress(stack.loki.url, {
      refuses: ({ method, path }) =>
        method !== 'GET' || !/^\/loki\/api\/v1\/(?:query_range|series|drilldown-limits|status\/buildinfo)$/.test(path),
    });
    const urls = { lokiUrl: gateway.url, prometheusUrl: stack.prometheus.url, passesToLoki: true };
    const { status, details } = await check(urls);
    await gateway.close();
    expect(status).toBe('success');
    expect(details.verboseMessage).toMatch(/ok +Loki: viewers cannot write to it, delete from it or stop it/);
    expect(details.verboseMessage).toMatch(/Loki: [\d,]+ request lines in the last 24 hours/);
    expect(details.verboseMessage).toMatch(/max_query_series 500/);
  });
});
