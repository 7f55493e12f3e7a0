import { lastValueFrom, of, throwError } from 'rxjs';

import { dayMs } from '../../domain/duration';
import { UpstreamError } from '../../upstream/errors';
import { PrometheusClient } from '../../upstream/prometheus';
import { Sharing } from '../../upstream/sharing';
import { LruStore } from '../cache/lruStore';
import { SettledWindows } from '../cache/settledWindows';
import { ScrapeSlotCache } from '../scrapes/scrapeSlotCache';
import { type UsageWindow } from '../view';
import { readGpu } from './gpuReader';

const start = Date.parse('2026-10-05T00:00:00Z');

interface Failures {
  /** A metric about which the engine warns. */
  partial?: string;
  /** A metric that the engine can't read. */
  failing?: string;
  /** True when the engine calls partial what it says about scrapes. */
  scrapesArePartial?: boolean;
  /** The pod that has all hours. Default: one of service a. */
  pod?: string;
  /** Whether kube-state-metrics tells the label of the pod. Default: true. */
  isLabelled?: boolean;
  /** Slots in which the exporter of a metric was not scraped, by their ends in ms; it is scraped every 30 s else. */
  unscraped?: Readonly<Record<string, (end: number) => boolean>>;
}

/** A Prometheus of one day in which these metrics give these hours of service a. */
function read(
  hours: Readonly<Record<string, number>>,
  {
    partial = '',
    failing = '',
    scrapesArePartial = false,
    pod = 'oscar-svc/a-6b9ddddbd7-cm6c9',
    isLabelled = true,
    unscraped = {},
  }: Failures = {}
) {
  const client = new PrometheusClient(
    ({ params }) => {
      if (params['step'] !== undefined) {
        return of({
          status: 'success',
          ...(scrapesArePartial && { warnings: ['a store did not answer'] }),
          data: { resultType: 'matrix', result: scrapes(params, Object.keys(hours), unscraped) },
        });
      }
      // There are no samples of which the hours are made.
      if (params['query']?.endsWith('ms]') || (failing && params['query']?.includes(failing))) {
        return throwError(() => new UpstreamError('bad-request', 'broken'));
      }
      const found = Object.keys(hours).find((metric) => params['query']?.includes(metric));
      const value = [(start + dayMs - 1) / 1000, String(found ? hours[found] : 0)];
      const result = found ? seriesFor(params['query'], pod, isLabelled).map((metric) => ({ metric, value })) : [];
      const warnings = found !== undefined && found === partial ? { warnings: ['partial'] } : {};
      return of({ status: 'success', ...warnings, data: { resultType: 'vector', result } });
    },
    { uid: 'p', method: 'POST', customParameters: [] }
  );
  const slots = new ScrapeSlotCache(new LruStore(100), [], { now: 0, readAgain: false });
  const request = { servicesNamespace: 'oscar-svc', span: { start, end: start + dayMs }, zone: 'utc', slots };
  const settledOf = (template: string) =>
    new SettledWindows<UsageWindow>(new LruStore(100), [template], { now: 0, settleMs: 0, readAgain: false });
  return lastValueFrom(readGpu(client, { ...request, granularity: 'day' }, settledOf, new Sharing(() => 0)));
}

/** Labels of the series of a pod. Every query asks for hours; what finds the pods has no parts. */
function seriesFor(query = '', pod: string, isLabelled: boolean): Array<Record<string, string>> {
  const labels = { oscar_pod: pod, label_oscar_service: 'a' };
  const parts = ['hours', 'labels'].filter((part) => query.includes(`"${part}"`) && (part === 'hours' || isLabelled));
  return parts.length > 0 ? parts.map((part) => ({ ...labels, oscar_part: part })) : [labels];
}

/** Answers which jobs deliver a metric, each a job of its own name, and how often it was scraped in each slot. */
function scrapes(
  { query = '', start: first, end, step }: Readonly<Record<string, string>>,
  metrics: readonly string[],
  unscraped: NonNullable<Failures['unscraped']>
) {
  const count = Math.round((Number(end) - Number(first)) / Number(step)) + 1;
  const times = Array.from({ length: count }, (_, index) => Number(first) + index * Number(step));
  const metric = metrics.find((one) => query.includes(one));
  if (metric === undefined) {
    return [];
  }
  const isGap = unscraped[metric] ?? (() => false);
  return query.startsWith('group')
    ? [{ metric: { job: metric }, values: times.map((time) => [time, '1']) }]
    : [
        {
          metric: { oscar_part: 'scrapes' },
          values: times.map((time) => [time, isGap(time * 1000) ? '0' : '20']),
        },
      ];
}

const allocated = 'kube_pod_container_resource_requests';
const active = 'DCGM_FI_DEV_GPU_UTIL';
const hoursOf = ({ windows }: Awaited<ReturnType<typeof read>>) => windows[0]?.hours.get('a');

it('takes allocated hours where both kinds are known, and keeps both', async () => {
  const view = await read({ [allocated]: 8, [active]: 3 });
  expect(hoursOf(view)).toBe(8);
  expect(view.gpu?.active.windows[0]?.hours.get('a')).toBe(3);
  expect(view.notes.join()).toMatch(/8\.00 hours allocated, 3\.00 of them busy/);
});

it('does not show busy hours that the engine calls partial', async () => {
  const view = await read({ [allocated]: 8, [active]: 3 }, { partial: active });
  expect(hoursOf(view)).toBe(8);
  expect(view.gpu).toBeUndefined();
  expect(view.notes.join()).not.toContain('busy');
  expect(view.doubts?.join()).toMatch(/busy hours are not shown.*: partial/);
});

it('says that busy hours could not be read', async () => {
  const view = await read({ [allocated]: 8, [active]: 3 }, { failing: active });
  expect(hoursOf(view)).toBe(8);
  expect(view.missing).toEqual([]);
  expect(view.gpu).toBeUndefined();
  expect(view.doubts?.join()).toMatch(/busy hours are not shown.*: broken/);
});

it.each([
  [allocated, 'allocated'],
  [active, 'busy'],
  ['container_gpu_usage_seconds_total', 'container_gpu_usage_seconds_total'],
])('says that hours come from %s', async (metric, word) => {
  const view = await read({ [metric]: 2 });
  expect(hoursOf(view)).toBe(2);
  expect(view.gpu).toBeUndefined();
  expect(view.missing).toEqual([]);
  expect(view.notes.join()).toContain(word);
});

it('has no hours, rather than 0, where no metric is there', async () => {
  const view = await read({});
  expect(view.missing).toEqual([{ start, end: start + dayMs }]);
  expect(view.notes.join()).toMatch(/no samples of/);
});

it('does not know the hours in which their exporter was not scraped', async () => {
  const gap = { start: start + 6 * 3_600_000, end: start + 9 * 3_600_000 };
  const inGap = (end: number) => end > gap.start && end <= gap.end;
  const view = await read({ [allocated]: 8, [active]: 3 }, { unscraped: { [allocated]: inGap } });
  expect(hoursOf(view)).toBe(8);
  expect(view.missing).toEqual([gap]);
  expect(view.notes.join()).toMatch(/3\.00 hours in a gap from 2026-10-05T06:00:00\.000Z on/);
  expect(view.gpu?.active.missing).toEqual([]);
  const busy = await read({ [allocated]: 8, [active]: 3 }, { unscraped: { [active]: inGap } });
  expect(busy.missing).toEqual([]);
  expect(busy.gpu?.active.missing).toEqual([gap]);
});

it('passes on that the scrapes are known in part only', async () => {
  const view = await read({ [allocated]: 8 }, { scrapesArePartial: true });
  expect(view.warnings).toEqual(['a store did not answer']);
});

it('doubts busy hours of which no pod is known', async () => {
  const view = await read({ [active]: 2 }, { pod: '' });
  expect(view.windows[0]?.hours).toEqual(new Map([['(unattributed)', 2]]));
  expect(view.doubts?.join()).toMatch(/busy for 2\.00 hours for which DCGM names no pod/);
  expect((await read({ [active]: 2 })).doubts).toBeUndefined();
});

it('doubts hours of services that only names of pods tell', async () => {
  const options = { isLabelled: false };
  expect((await read({ [active]: 2 }, options)).doubts?.join()).toMatch(/2\.00 GPU hours \(a\).*no kube_pod_labels/);
  expect((await read({ [allocated]: 2 }, options)).doubts?.join()).toMatch(/2\.00 GPU hours \(a\).*no kube_pod_labels/);
  const others = await read({ [allocated]: 2, kube_pod_labels: 1 }, options);
  expect(others.doubts?.join()).toMatch(/2\.00 GPU hours \(a\).*covers other pods, but not these/);
});

it('notes that no phases of pods are known', async () => {
  expect((await read({ [allocated]: 2 })).notes.join()).toContain('kube_pod_status_phase');
  expect((await read({ [active]: 2 })).notes.join()).not.toContain('kube_pod_status_phase');
});
