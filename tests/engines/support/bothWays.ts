import { lastValueFrom } from 'rxjs';

import { allocatedGpu, busyGpu } from '../../../src/core/expr/promqlGpu';
import { LruStore } from '../../../src/core/hours/cache/lruStore';
import { SettledWindows } from '../../../src/core/hours/cache/settledWindows';
import { allocatedFrom } from '../../../src/core/hours/gpu/allocatedMinutes';
import { busyFrom } from '../../../src/core/hours/gpu/busyMinutes';
import { gpuHoursAt } from '../../../src/core/hours/gpu/gpuHours';
import { ScrapeSlotCache } from '../../../src/core/hours/scrapes/scrapeSlotCache';
import { readTemplate } from '../../../src/core/hours/template/templateReader';
import { type UsageWindow } from '../../../src/core/hours/view';
import { prometheusClient } from '../../../src/core/upstream/connections';
import { fetchConnections } from '../../../src/core/upstream/fetchConnections';

const kinds = {
  allocated: { query: allocatedGpu, hours: allocatedFrom },
  active: { query: busyGpu, hours: busyFrom },
};

export type Kind = keyof typeof kinds;

/** GPU hours of a kind, by the hour, as they follow from samples, and as the engine computes them. */
export async function gpuBothWays(url: string, kind: Kind, span: { start: number; end: number }) {
  const connections = fetchConnections({ prometheus: { url } });
  let isSampled = false;
  const client = prometheusClient({
    ...connections,
    transport: (request) => {
      isSampled ||= request.params['query']?.endsWith('ms]') === true;
      return connections.transport(request);
    },
  });
  const settling = { now: span.end, settleMs: 0, readAgain: true };
  const { query, hours } = kinds[kind];
  const read = async (sampled: boolean) => {
    const view = await lastValueFrom(
      readTemplate(
        client,
        {
          ...query,
          ...(sampled && { sampled: { query: query.samples, hours } }),
          read: (series, at) => gpuHoursAt(series, at, 'oscar-svc'),
          evidence: undefined,
          scraped: [],
          slots: new ScrapeSlotCache(new LruStore(1), [], settling),
          addsUp: true,
          maxDaysInQuery: 2,
          servicesNamespace: 'oscar-svc',
          span,
          zone: 'utc',
          granularity: 'hour',
        },
        new SettledWindows<UsageWindow>(new LruStore(1), [], settling)
      )
    );
    return view.windows.map((window) => figuresOf(window));
  };
  return { byEngine: await read(false), fromSamples: await read(true), isSampled };
}

/** All numbers of a window, to nine digits. */
function figuresOf({ start, hours, gpu }: UsageWindow) {
  const rounded = (value: number) => Number(value.toFixed(9));
  const sorted = (map: ReadonlyMap<string, number> = new Map<string, number>()) =>
    [...map].map(([key, value]) => [key, rounded(value)]).sort();
  return {
    start,
    hours: sorted(hours),
    doubted: [...(gpu?.doubted ?? [])].map(([doubt, services]) => [doubt, sorted(services)]).sort(),
    shares: sorted(gpu?.shares),
    phases: gpu?.phases,
    sums: [gpu?.strayHours, gpu?.sharedHours, gpu?.slicedHours, gpu?.twinHours].map((value) => rounded(value ?? 0)),
  };
}
