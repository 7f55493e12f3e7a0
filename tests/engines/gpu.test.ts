import { createHost, type Host } from '../../stack/host';
import { ask, type OscarTarget } from './support/answers';
import { openLoki, openPrometheus, openScratch, type Scratch } from './support/scratch';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const day = { from: Date.parse('2026-03-03T00:00:00Z'), to: Date.parse('2026-03-04T00:00:00Z') - 1 };

/** Minutes of the day from the first to the last sample of both pods, which end right before a full hour. */
const sampled = { first: 10 * 60, last: 12 * 60 - 2 };

/** Minutes in which both pods are seen: Prometheus looks back five minutes for a sample, the oldest one excluded. */
const seenMinutes = sampled.last - sampled.first + 5;

/** One GPU for each of two pods; kube-state-metrics knows the service of the first, while the pod is there. */
function gpuSamples(): string[] {
  const minutes = Array.from({ length: sampled.last - sampled.first + 1 }, (_, index) => sampled.first + index);
  const samplesOf = (series: string) =>
    minutes.map((minute) => `${series} 1 ${(day.from + minute * minuteMs) / 1000}`).join('\n');
  const pods = ['labelled-7d8f9c6b5d-abcde', 'named-7d8f9c6b5d-fghij'];
  return [
    '# TYPE kube_pod_container_resource_requests gauge',
    ...pods.map((pod) =>
      samplesOf(`kube_pod_container_resource_requests{namespace="oscar-svc",pod="${pod}",resource="nvidia_com_gpu"}`)
    ),
    '# TYPE kube_pod_labels gauge',
    samplesOf(`kube_pod_labels{namespace="oscar-svc",pod="${pods[0]}",label_oscar_service="labelled"}`),
  ];
}

let scratch: Scratch;
let host: Host;

beforeAll(async () => {
  scratch = await openScratch();
  const prometheus = await openPrometheus(scratch.directory, gpuSamples());
  const loki = await openLoki(scratch.directory);
  host = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
}, 600_000);

afterAll(() => scratch?.close(), 60_000);

async function gpuHours(target: OscarTarget, column: string): Promise<number[]> {
  const [answer] = await ask(host, host.createDataSource(), [target], day);
  return (answer?.rows ?? []).map((row) => Number(row[column] ?? 0));
}

it('loses no minute of a pod that ended right before a window', async () => {
  const byHour = await gpuHours({ queryType: 'summary', interval: 'hour' }, 'gpu_hours_total');
  expect(byHour).toHaveLength(dayMs / (60 * minuteMs));
  // The last minutes lie in the hour after the end of both pods, where their labels are not to be had any more.
  expect(byHour.filter((hours) => hours > 0)).toHaveLength(3);
  expect(byHour.reduce((sum, hours) => sum + hours, 0)).toBeCloseTo((2 * seenMinutes) / 60, 6);
}, 120_000);

it('gives each pod to its service', async () => {
  const [whole] = await gpuHours({ queryType: 'summary' }, 'gpu_hours_total');
  expect(whole).toBeCloseTo((2 * seenMinutes) / 60, 6);
  const [answer] = await ask(host, host.createDataSource(), [{ queryType: 'breakdown', groupBy: 'service' }], day);
  expect(answer?.rows.map(({ key }) => key)).toEqual(['labelled', 'named']);
}, 120_000);
