import { dayMs } from '../../src/core/domain/duration';
import { createHost, type Host } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
import { openIngress, type Ingress } from '../../stack/proxy/ingress';
import { createParameters } from '../../stack/traffic';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

const traffic = createParameters({ ...fixedTraffic, days: 4, lines: 1500, users: 50 });

let scratch: Scratch;
let stack: OpenStack;
let refused: string | undefined;
let proxies: Ingress[];
let host: Host;

beforeAll(async () => {
  scratch = await openScratch();
  stack = await openTraffic(scratch.directory, traffic);
  const refusing = (engine: string) => ({
    refuses: ({ path }: { path: string }) => refused === engine && /\/(?:query|query_range|series)$/.test(path),
  });
  proxies = [
    await openIngress(stack.loki.url, refusing('loki')),
    await openIngress(stack.prometheus.url, refusing('prometheus')),
  ];
  host = await createHost({ lokiUrl: proxies[0]?.url, prometheusUrl: proxies[1]?.url });
});

afterAll(async () => {
  await Promise.all((proxies ?? []).map((proxy) => proxy.close()));
  await scratch?.close();
});

/** The last days of the traffic, long settled. */
const lastDays = (days: number) => ({
  from: new Date(traffic.end - days * dayMs).toISOString(),
  to: new Date(traffic.end - 1).toISOString(),
  timezone: 'utc',
});

/** Figures of each engine, the requests to it, and the error. */
async function ask(dataSource: ReturnType<Host['createDataSource']>, days: number) {
  host.resetRequests();
  const query = {
    refId: 'A',
    queryType: 'summary',
    columns: ['requests_count_total', 'users_count', 'cpu_hours_total'],
  };
  const { response, error } = await host.queryOnce(dataSource, query, lastDays(days));
  const fields = (response.data[0] as { fields: Array<{ name: string; values: unknown[] }> } | undefined)?.fields ?? [];
  const cell = (name: string) => fields.find((field) => field.name === name)?.values[0];
  const requests = (engine: string) => host.requests.filter((one) => one.engine === engine).length;
  return {
    error,
    figures: { loki: [cell('requests_count_total'), cell('users_count')], prometheus: [cell('cpu_hours_total')] },
    requests: { loki: requests('loki'), prometheus: requests('prometheus') },
  };
}

it.each(['loki', 'prometheus'] as const)(
  'keeps and shows nothing of %s after it refused to be read',
  async (engine) => {
    const other = engine === 'loki' ? 'prometheus' : 'loki';
    const dataSource = host.createDataSource();
    const first = await ask(dataSource, 2);
    expect(first.figures[engine].every((figure) => Number(figure) > 0)).toBe(true);
    const kept = await ask(dataSource, 2);
    expect(kept.figures).toEqual(first.figures);
    expect(kept.requests[engine]).toBeLessThan(first.requests[engine]);

    // Two of the three days are kept; the refusal of the third one takes them too.
    refused = engine;
    const after = await ask(dataSource, 3);
    expect(after.figures[engine].every((figure) => figure === null)).toBe(true);
    expect(after.figures[other].every((figure) => Number(figure) > 0)).toBe(true);
    const still = await ask(dataSource, 2);
    expect(still.figures[engine].every((figure) => figure === null)).toBe(true);

    refused = undefined;
    const again = await ask(dataSource, 2);
    expect(again.figures).toEqual(first.figures);
    expect(again.requests[engine]).toBeGreaterThan(kept.requests[engine]);
  }
);
