import { hourMs, minuteMs } from '../../src/core/domain/duration';
import { type Engine } from '../../stack/engines';
import { createHost, type Host } from '../../stack/host';
import { ask, type Answer, type OscarTarget, sourceOf } from './support/answers';
import { openLoki, openPrometheus, openScratch, type Scratch } from './support/scratch';

/** The inventory is of now, so that the samples are of the last hours too. */
const now = Math.floor(Date.now() / hourMs) * hourMs;
const range = { from: now - 2 * hourMs, to: now - 1 };

/** A sample every minute from three hours ago until nine hours ahead, so that the test may take its time. */
function samplesOf(series: string, valueOf: (minute: number) => number): string {
  const first = now - 3 * hourMs;
  return Array.from(
    { length: 12 * 60 },
    (_, minute) => `${series} ${valueOf(minute)} ${(first + minute * minuteMs) / 1000}`
  ).join('\n');
}

/** Half a core, in each namespace by a pod of the service `worker`. */
const halfACore = (namespace: string) =>
  samplesOf(
    `container_cpu_usage_seconds_total{namespace="${namespace}",pod="worker-7d8f9c6b5d-abcde",container="oscar-container",service="worker"}`,
    (minute) => minute * 30
  );

const deployed = (namespace: string, service: string) =>
  samplesOf(
    `kube_configmap_labels{namespace="${namespace}",configmap="${service}",label_oscar_service="${service}"}`,
    () => 1
  );

const metrics = [
  '# TYPE container_cpu_usage_seconds counter',
  halfACore('listed'),
  halfACore('unlisted'),
  halfACore('a.b'),
  // What a dot that is not escaped would match too.
  halfACore('aXb'),
  '# TYPE kube_configmap_labels gauge',
  deployed('listed', 'worker'),
  deployed('listed', 'asleep'),
];

let scratch: Scratch;
let prometheus: Engine;
let host: Host;

beforeAll(async () => {
  scratch = await openScratch();
  prometheus = await openPrometheus(scratch.directory, metrics);
  const loki = await openLoki(scratch.directory);
  host = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
});

afterAll(() => scratch?.close());

async function answer(options: Record<string, unknown>, target: OscarTarget): Promise<Answer> {
  const [first] = await ask(host, host.createDataSource(options), [target], range);
  if (!first) {
    throw new Error('no answer');
  }
  return first;
}

describe('the inventory', () => {
  it('counts the deployed services, also those that are scaled to zero', async () => {
    const summary = await answer({ servicesNamespace: 'listed' }, { queryType: 'summary' });
    expect(summary.rows[0]?.services_count_active).toBe(2);
    expect(sourceOf(summary, 'service-inventory')).toMatchObject({ status: 'ok', notes: [] });
    const { rows } = await answer({ servicesNamespace: 'listed' }, { queryType: 'services' });
    expect(rows.map(({ service, active, cpu_hours }) => [service, active, Number(cpu_hours) > 0])).toEqual([
      ['asleep', true, false],
      ['worker', true, true],
    ]);
  });

  it('counts those with a container where nothing lists the deployed ones, and says so', async () => {
    const summary = await answer({ servicesNamespace: 'unlisted' }, { queryType: 'summary' });
    expect(summary.rows[0]?.services_count_active).toBe(1);
    const { status, notes } = sourceOf(summary, 'service-inventory');
    expect(status).toBe('partial');
    expect(notes.join()).toMatch(/kube_configmap_labels.*container in the last hour/);
  });

  it('is not known, rather than empty, where there is nothing at all', async () => {
    const summary = await answer({ servicesNamespace: 'nowhere' }, { queryType: 'summary' });
    expect(summary.rows[0]?.services_count_active).toBeNull();
    expect(sourceOf(summary, 'service-inventory').status).toBe('missing');
  });
});

describe("OSCAR's own templates", () => {
  const cpuQuery =
    'sum by (service) (increase(container_cpu_usage_seconds_total{namespace=~"{{services_namespace}}.*",service=~"{{service}}"}[{{range}}])) / 3600';

  it('are taken unchanged, and noted as not additive', async () => {
    const hours = await answer({ servicesNamespace: 'listed', cpuQuery }, { queryType: 'metric', metric: 'cpu-hours' });
    const [row] = hours.rows;
    expect(row?.service).toBe('worker');
    // Half a core for two hours.
    expect(Number(row?.value)).toBeCloseTo(1, 6);
    expect(sourceOf(hours, 'usage-cpu').notes.join()).toMatch(/extrapolates/);
  });

  it('give, window by window, what the engine gives for the template filled in by hand', async () => {
    const { rows } = await answer(
      { servicesNamespace: 'listed', cpuQuery },
      { queryType: 'metric', metric: 'cpu-hours', interval: 'hour' }
    );
    const byHand = cpuQuery
      .replace('{{services_namespace}}', 'listed')
      .replace('{{service}}', '.*')
      .replace('{{range}}', '1h');
    for (const [index, { value }] of rows.entries()) {
      const time = (range.from + (index + 1) * hourMs - 1) / 1000;
      const url = `${prometheus.url}/api/v1/query?${new URLSearchParams({ query: byHand, time: String(time) })}`;
      const { data } = (await (await fetch(url)).json()) as { data: { result: Array<{ value: [number, string] }> } };
      expect(value).toBe(Number(data.result[0]?.value[1]));
    }
    expect(rows).toHaveLength(2);
  });

  it('see a namespace as text, not as a pattern', async () => {
    const { rows } = await answer({ servicesNamespace: 'a.b', cpuQuery }, { queryType: 'metric', metric: 'cpu-hours' });
    expect(Number(rows[0]?.value)).toBeCloseTo(1, 6);
  });

  it('send nothing when a placeholder is unknown', async () => {
    host.resetRequests();
    const options = { servicesNamespace: 'listed', cpuQuery: cpuQuery.replace('{{service}}', '{{cluster}}') };
    await expect(answer(options, { queryType: 'metric', metric: 'cpu-hours' })).rejects.toThrow(
      /unknown placeholder \{\{cluster\}\}.*\{\{services_namespace\}\}/
    );
    expect(host.requests).toEqual([]);
  });
});
