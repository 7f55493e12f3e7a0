import { createHost, type Host } from '../../stack/host';
import { type Ingress, openIngress } from '../../stack/proxy/ingress';
import { lokiQueries } from './support/answers';
import { expectTruth, narrowLimits } from './support/expectTruth';
import { openCopies, openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

const traffic = { ...fixedTraffic, days: 3, lines: 1500 };
const range = lastDays(traffic, 2);

/** Longer than a query of Loki may take before the next ones are cut shorter. */
const slowMs = 4500;

const limitsOf = { default: {}, narrow: narrowLimits };

let scratch: Scratch;
const proxies: Ingress[] = [];
/** Queries to Loki where Prometheus is at its usual speed, and where it is slow, by the name of Loki's limits. */
const queries = new Map<string, { usual: number; slow: number }>();

beforeAll(async () => {
  scratch = await openScratch();
  const stack = await openTraffic(scratch.directory, traffic);
  const lokis = await openCopies(stack.loki, Object.values(limitsOf));
  const queriesOf = async (lokiUrl: string, latencyMs?: number) => {
    const host = await steadyHost(lokiUrl, stack.prometheus.url, latencyMs);
    await expectTruth(host, stack.truth, range);
    return lokiQueries(host).length;
  };
  // Both at once: most of the time is waited.
  await Promise.all(
    Object.keys(limitsOf).map(async (name, index) => {
      const { url } = lokis[index]!;
      queries.set(name, { usual: await queriesOf(url), slow: await queriesOf(url, slowMs) });
    })
  );
});

afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.close()));
  await scratch?.close();
});

/** A host whose Loki takes the same time for every query; the way to Prometheus may be slow. */
async function steadyHost(lokiUrl: string, prometheusUrl: string, latencyMs?: number): Promise<Host> {
  const loki = await openIngress(lokiUrl, { isSteady: true });
  const prometheus = await openIngress(prometheusUrl, { latencyMs });
  proxies.push(loki, prometheus);
  return createHost({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
}

it.each(Object.keys(limitsOf))('asks Loki no more often because Prometheus is slow: %s limits', (name) => {
  const { usual, slow } = queries.get(name) ?? { usual: NaN, slow: NaN };
  // What is learned about the lines depends a little on the order of the answers.
  expect(slow).toBeLessThanOrEqual(usual * 1.2);
});
