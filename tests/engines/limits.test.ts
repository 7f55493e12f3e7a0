import { stopEngines } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
import { type Ingress, openIngress } from '../../stack/proxy/ingress';
import { expectedSummary, type Range } from '../../stack/traffic';
import { type Answer, ask, lokiQueries, over } from './support/answers';
import { exactReports } from './support/expectedRows';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

const targets = exactReports.map(({ target }) => target);

/** Hours come from samples two minutes apart, and jobs may be shorter than that; counts are exact. */
const hoursTolerance = 0.15;

const narrowLimits = {
  max_query_series: 20,
  max_entries_limit_per_query: 100,
  max_query_length: '24h',
};

let scratch: Scratch;

beforeAll(async () => {
  scratch = await openScratch();
});

afterAll(() => scratch?.close());

describe.each([
  { name: 'default limits', limits: undefined, days: 40, heldUpDays: 40 },
  // Twenty times as many requests are needed there, so that fewer days suffice.
  { name: 'narrow limits', limits: narrowLimits, days: 15, heldUpDays: 3 },
])('on a Loki with $name', ({ limits, days, heldUpDays }) => {
  let stack: OpenStack;
  let proxies: Ingress[] = [];

  beforeAll(async () => {
    stack = await openTraffic(scratch.directory, fixedTraffic, limits);
  });

  afterEach(async () => {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    proxies = [];
  });

  afterAll(stopEngines);

  async function proxyOf(...[url, options]: Parameters<typeof openIngress>): Promise<Ingress> {
    const proxy = await openIngress(url, options);
    proxies.push(proxy);
    return proxy;
  }

  /** A host whose Loki takes the same time for every query; the way to Prometheus may be slow. */
  async function steadyHost(latencyMs?: number): Promise<Host> {
    const loki = await proxyOf(stack.loki.url, { isSteady: true });
    const prometheus = await proxyOf(stack.prometheus.url, { latencyMs });
    return createHost({ lokiUrl: loki.url, prometheusUrl: prometheus.url });
  }

  it('gives the truth in every report', async () => {
    const host = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
    await expectTruth(host, lastDays(fixedTraffic, days));
  });

  it('gives the truth where a proxy refuses three requests after every ten', async () => {
    const proxy = await proxyOf(stack.loki.url, { limiter: { passes: 10, refuses: 3 } });
    const host = await createHost({ lokiUrl: proxy.url, prometheusUrl: stack.prometheus.url });
    await expectTruth(host, lastDays(fixedTraffic, heldUpDays));
    expect(proxy.refused).toBeGreaterThan(0);
  });

  it('asks Loki no more often because something else is slow', async () => {
    const range = lastDays(fixedTraffic, 2);
    const direct = await steadyHost();
    await expectTruth(direct, range);
    // Longer than a query of Loki may take before the next ones are cut shorter.
    const host = await steadyHost(4500);
    await expectTruth(host, range);
    // What is learned about the lines depends a little on the order of the answers.
    expect(lokiQueries(host).length).toBeLessThanOrEqual(lokiQueries(direct).length * 1.2);
  });

  async function expectTruth(host: Host, range: Range): Promise<void> {
    const answers = await ask(host, host.createDataSource(), targets, over(range));
    // The traffic has requests without a country, which is all that may be said of it.
    const flagged = answers
      .flatMap(({ completeness }) => completeness)
      .filter(({ status, source }) => status !== 'ok' && source !== 'country-attribution');
    expect(flagged).toEqual([]);
    const differences = exactReports.flatMap(({ target, differences: differ }, index) =>
      differ(answers[index] as Answer, stack.truth, range).map((text) => `${target.queryType}: ${text}`)
    );
    // The first ones tell enough.
    expect(differences.slice(0, 10)).toEqual([]);
    expectHours(answers[0] as Answer, answers[1] as Answer, range);
    expect(host.peakInFlight).toBeLessThanOrEqual(3);
    expect(host.inFlight).toBe(0);
  }

  function expectHours({ rows: [summary] }: Answer, byService: Answer, range: Range): void {
    const expected = expectedSummary(stack.truth, range);
    for (const kind of ['cpu', 'gpu'] as const) {
      const truth = expected[`${kind}_hours_total`] ?? NaN;
      const reported = Number(summary?.[`${kind}_hours_total`]);
      expect(Math.abs(reported - truth)).toBeLessThanOrEqual(truth * hoursTolerance);
      const sum = byService.rows.reduce((total, row) => total + Number(row[`${kind}_hours`]), 0);
      expect(sum).toBeCloseTo(reported, 6);
    }
  }
});
