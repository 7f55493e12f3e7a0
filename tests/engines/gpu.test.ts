import { dayMs, minuteMs } from '../../src/core/domain/duration';
import { createHost, type Host } from '../../stack/host';
import { ask, type OscarTarget, sourceOf } from './support/answers';
import { openLoki, openPrometheus, openScratch, type Scratch } from './support/scratch';

const day = { from: Date.parse('2026-03-03T00:00:00Z'), to: Date.parse('2026-03-04T00:00:00Z') - 1 };

/** Minutes of the day from the first to the last sample of both pods, which end right before a full hour. */
const sampled = { first: 10 * 60, last: 12 * 60 - 1 };

/** Minutes in which both pods are seen: a sample counts a little longer than the minute to the next one. */
const seenMinutes = sampled.last - sampled.first + 2;

/** kube-state-metrics is scraped every minute, except for these of the second day. */
const outage = { first: 6 * 60, last: 9 * 60 - 1 };
const pods = { labelled: 'labelled-7d8f9c6b5d-abcde', named: 'named-7d8f9c6b5d-fghij' };

const target = 'job="kube-state-metrics",instance="ksm:8080"';

/** One pod with a GPU all through the second day, as far as it is scraped, and how the scrapes of both days went. */
function scrapedSamples(): string[] {
  const minutes = Array.from({ length: 24 * 60 }, (_, minute) => minute);
  const isLost = (minute: number) => minute >= outage.first && minute <= outage.last;
  const line = (series: string, minute: number, value: number) =>
    `${series} ${value} ${(day.from + dayMs + minute * minuteMs) / 1000}`;
  const request = `kube_pod_container_resource_requests{${target},namespace="oscar-svc",pod="${pods.named}",resource="nvidia_com_gpu"}`;
  return [
    '# TYPE up gauge',
    ...minutes.map((minute) => line(`up{${target}}`, minute - 24 * 60, 1)),
    ...minutes.map((minute) => line(`up{${target}}`, minute, isLost(minute) ? 0 : 1)),
    '# TYPE kube_pod_container_resource_requests gauge',
    ...minutes.filter((minute) => !isLost(minute)).map((minute) => line(request, minute, 1)),
  ];
}

/** One GPU for each of two pods; kube-state-metrics knows the service of the first, while the pod is there. */
function gpuSamples(): string[] {
  const minutes = Array.from({ length: sampled.last - sampled.first + 1 }, (_, index) => sampled.first + index);
  const samplesOf = (series: string) =>
    minutes.map((minute) => `${series} 1 ${(day.from + minute * minuteMs) / 1000}`).join('\n');
  return [
    '# TYPE kube_pod_container_resource_requests gauge',
    ...Object.values(pods).map((pod) =>
      samplesOf(
        `kube_pod_container_resource_requests{${target},namespace="oscar-svc",pod="${pod}",resource="nvidia_com_gpu"}`
      )
    ),
    '# TYPE kube_pod_labels gauge',
    samplesOf(`kube_pod_labels{namespace="oscar-svc",pod="${pods.labelled}",label_oscar_service="labelled"}`),
  ];
}

let scratch: Scratch;
let host: Host;

beforeAll(async () => {
  scratch = await openScratch();
  const prometheus = await openPrometheus(scratch.directory, [...gpuSamples(), ...scrapedSamples()]);
  const loki = await openLoki(scratch.directory);
  host = await createHost({ prometheusUrl: prometheus.url, lokiUrl: loki.url });
});

afterAll(() => scratch?.close());

async function gpuHours(target: OscarTarget, column: string): Promise<number[]> {
  const [answer] = await ask(host, host.createDataSource(), [target], day);
  return (answer?.rows ?? []).map((row) => Number(row[column] ?? 0));
}

it('loses no minute of a pod that ended right before a window', async () => {
  const byHour = await gpuHours({ queryType: 'summary', interval: 'hour' }, 'gpu_hours_total');
  expect(byHour).toHaveLength(dayMs / (60 * minuteMs));
  // The last minute lies in the hour after the end of both pods, where their labels are not to be had any more.
  expect(byHour.filter((hours) => hours > 0)).toHaveLength(3);
  expect(byHour.reduce((sum, hours) => sum + hours, 0)).toBeCloseTo((2 * seenMinutes) / 60, 6);
});

it('gives each pod to its service', async () => {
  const [whole] = await gpuHours({ queryType: 'summary' }, 'gpu_hours_total');
  expect(whole).toBeCloseTo((2 * seenMinutes) / 60, 6);
  const [answer] = await ask(host, host.createDataSource(), [{ queryType: 'breakdown', groupBy: 'service' }], day);
  expect(answer?.rows.map(({ key }) => key)).toEqual(['labelled', 'named']);
});

describe('where kube-state-metrics was not scraped', () => {
  const nextDay = { from: day.from + dayMs, to: day.to + dayMs };
  const outageEnds = {
    from: new Date(nextDay.from + outage.first * minuteMs).toISOString(),
    to: new Date(nextDay.from + (outage.last + 1) * minuteMs - 1).toISOString(),
  };

  it('says that hours are lost, and when', async () => {
    const [answer] = await ask(host, host.createDataSource(), [{ queryType: 'summary' }], nextDay);
    const gpu = sourceOf(answer!, 'usage-gpu');
    // The last sample before the outage counts for a minute of it.
    expect(Number(answer?.rows[0]?.['gpu_hours_total'])).toBeCloseTo(21 + 1 / 60, 6);
    expect(gpu).toMatchObject({ status: 'partial', coverage_percent: 87.5, missing: [outageEnds] });
    expect(gpu.notes.join()).toContain('too little was scraped for 3.00 hours');
  });

  it('says the same of a range that begins inside, whose first hour is read by the minute', async () => {
    const from = nextDay.from + (6 * 60 + 10) * minuteMs + 4321;
    const [answer] = await ask(host, host.createDataSource(), [{ queryType: 'summary' }], { ...nextDay, from });
    const gpu = sourceOf(answer!, 'usage-gpu');
    expect(Number(answer?.rows[0]?.['gpu_hours_total'])).toBeCloseTo(15, 6);
    expect(gpu).toMatchObject({
      status: 'partial',
      missing: [{ from: new Date(from).toISOString(), to: outageEnds.to }],
    });
    expect(gpu.notes.join()).toContain('too little was scraped for 2.83 hours in a gap from');
  });

  it('flags no other hour, and shows none that is lost as a whole', async () => {
    const target: OscarTarget = { queryType: 'summary', interval: 'hour' };
    const [answer] = await ask(host, host.createDataSource(), [target], nextDay);
    const hours = (answer?.rows ?? []).map((row) => row['gpu_hours_total']);
    const lost = [6, 7, 8];
    expect(hours.flatMap((value, hour) => (value === null ? [hour] : []))).toEqual(lost);
    expect(
      hours.flatMap((value, hour) => (value !== null && Math.abs(Number(value) - 1) > 1e-6 ? [hour] : []))
    ).toEqual([]);
  });

  it('looks for gaps of the metric that a template reads, too', async () => {
    const gpuQuery =
      'sum by (pod) (sum_over_time(kube_pod_container_resource_requests{resource="nvidia_com_gpu"}[{{range}}:1m])) / 60';
    const dataSource = host.createDataSource({ gpuQuery });
    const [answer] = await ask(host, dataSource, [{ queryType: 'summary' }], nextDay);
    expect(sourceOf(answer!, 'usage-gpu')).toMatchObject({ status: 'partial', missing: [outageEnds] });
  });
});
