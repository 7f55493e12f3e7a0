import { openCore } from '../../stack/core/openCore';
import { shortWaits } from '../../stack/core/shortWaits';
import { stopEngines } from '../../stack/engines';
import { createHost } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
import { type Ingress, openIngress } from '../../stack/proxy/ingress';
import { expectTruth, expectTruthOfCore, narrowLimits } from './support/expectTruth';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, lastDays, openTraffic } from './support/traffic';

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
  let proxy: Ingress | undefined;

  beforeAll(async () => {
    stack = await openTraffic(scratch.directory, fixedTraffic, { lokiLimits: limits });
  });

  afterAll(async () => {
    await proxy?.close();
    await stopEngines();
  });

  it('gives the truth in every report', async () => {
    const host = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
    await expectTruth(host, stack.truth, lastDays(fixedTraffic, days));
  });

  it('gives the truth where a proxy refuses three requests after every ten', async () => {
    proxy = await openIngress(stack.loki.url, { limiter: { passes: 10, refuses: 3 } });
    const core = openCore({ lokiUrl: proxy.url, prometheusUrl: stack.prometheus.url, retryPolicy: shortWaits });
    await expectTruthOfCore(core, stack.truth, lastDays(fixedTraffic, heldUpDays));
    expect(proxy.refused).toBeGreaterThan(0);
  });
});
