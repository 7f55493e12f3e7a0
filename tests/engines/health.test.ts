import { createHost } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
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

async function check(urls: { lokiUrl?: string; prometheusUrl?: string }, jsonData: object = {}): Promise<Report> {
  const host = await createHost(urls);
  const report = (await host.createDataSource(jsonData).testDatasource()) as Report;
  expect(host.inFlight).toBe(0);
  return report;
}

it('finds what is there', async () => {
  const { status, details } = await check({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
  expect(status).toBe('success');
  expect(details.verboseMessage).toMatch(/Loki: reachable, version 3\.7\.6/);
  expect(details.verboseMessage).toMatch(/Prometheus: reachable, version 3\.13/);
  expect(details.verboseMessage).toMatch(/Loki: \d+ request lines in the last 24 hours, the oldest known one of 20/);
  expect(details.verboseMessage).toMatch(/Prometheus: oldest sample of 20/);
  expect(details.verboseMessage).toMatch(/deployed services are listed by kube_configmap_labels/);
  expect(details.verboseMessage).toMatch(/max_query_series 500/);
});

it('tells engines whose addresses are swapped', async () => {
  const { status, message, details } = await check({ lokiUrl: stack.prometheus.url, prometheusUrl: stack.loki.url });
  expect(status).toBe('error');
  expect(message).toMatch(/^Prometheus: there is no Prometheus API at the URL/);
  expect(details.message).toMatch(/Loki: there is no Loki API at the URL.*swapped/);
});

it('tells an engine that is not there', async () => {
  const { status, message } = await check({ lokiUrl: 'http://127.0.0.1:1', prometheusUrl: stack.prometheus.url });
  expect(status).toBe('error');
  expect(message).toMatch(/^Loki: Grafana does not reach Loki \(502\)/);
});

it('tells a selector that matches nothing', async () => {
  const engines = { lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url };
  const { status, message } = await check(engines, { requestSelector: '{app="elsewhere"}' });
  expect(status).toBe('error');
  expect(message).toMatch(/no stream matches \{app="elsewhere"\} in the last 30 days/);
});
