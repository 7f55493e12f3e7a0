import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import {
  activeGpuEvidence,
  allocatedGpu,
  busyGpu,
  gpuEvidence,
  oscarGpuEvidence,
  oscarGpuQuery,
} from '../expr/promqlGpu';
import { type PrometheusClient } from '../upstream/prometheus';
import { counters, gauges, type Scraped } from './scrapes';
import { readUsage, type UsageRequest } from './usageReader';
import { isKnown, type UsageView, type UsageWindow } from './usageView';
import { type WindowShelf } from './windowShelf';

export type GpuRequest = Omit<UsageRequest, 'template' | 'pods' | 'evidence' | 'scraped' | 'addsUp'>;

/** Both kinds are counted by the minute, in sub-queries, which cost pods times minutes. */
const daysInQuery = 2;

/**
 * Reads GPU hours: allocated ones where kube-state-metrics tells them, else those in which a GPU was busy, else OSCAR's
 * own metric. The notes say which. Never errors.
 */
export function readGpu(
  client: PrometheusClient,
  request: GpuRequest,
  shelfOf: (template: string) => WindowShelf<UsageWindow>
): Observable<UsageView> {
  const ask = (query: Pick<UsageRequest, 'template' | 'pods'>, scraped: Scraped, addsUp: boolean) =>
    readUsage(
      client,
      { ...request, ...query, evidence: scraped.selector, scraped: [scraped], addsUp, daysInQuery },
      shelfOf(query.template(''))
    );
  return forkJoin({
    allocated: ask(allocatedGpu, gauges(gpuEvidence), true),
    active: ask(busyGpu, gauges(activeGpuEvidence), true),
  }).pipe(
    switchMap(({ allocated, active }) => {
      if (hasData(allocated) || hasFailed(allocated)) {
        return of(withActive(allocated, active));
      }
      if (hasData(active) || hasFailed(active)) {
        return of(
          noted(active, 'GPU hours are those in which GPUs were busy (DCGM); nothing tells what was allocated')
        );
      }
      return ask({ template: () => oscarGpuQuery }, counters(oscarGpuEvidence), false).pipe(
        map((own) =>
          hasData(own)
            ? noted(own, `GPU hours come from ${oscarGpuEvidence}`)
            : noted(own, `there are no samples of ${gpuEvidence}, ${activeGpuEvidence} or ${oscarGpuEvidence}`)
        )
      );
    })
  );
}

function withActive(allocated: UsageView, active: UsageView): UsageView {
  const note = 'GPU hours are those for which GPUs were allocated to pods';
  // Busy hours have no status of their own: what may be too little is not shown, and that is said.
  const isUnread = active.windows.length < allocated.windows.length;
  if (isUnread || active.warnings.length > 0) {
    const why = isUnread ? active.notes : active.warnings;
    return {
      ...noted(allocated, note),
      doubts: [...(allocated.doubts ?? []), `busy hours are not shown, as they may not be whole: ${why.join('; ')}`],
    };
  }
  if (!hasData(active)) {
    return noted(allocated, note);
  }
  const shares = `${sumOf(allocated.windows).toFixed(2)} hours allocated, ${sumOf(active.windows).toFixed(2)} of them busy (DCGM)`;
  return {
    ...noted(allocated, `${note}: ${shares}`),
    gpu: { allocated, active },
  };
}

/** True when some window of a view is known. */
function hasData({ windows, missing }: UsageView): boolean {
  return windows.some((window) => isKnown(window, missing));
}

/** True when the engine did not answer, so that nothing can be said about what there is. */
function hasFailed({ windows, missing }: UsageView): boolean {
  return windows.length === 0 && missing.length > 0;
}

function noted(view: UsageView, note: string): UsageView {
  return hasFailed(view) ? view : { ...view, notes: [...view.notes, note] };
}

function sumOf(windows: readonly UsageWindow[]): number {
  return windows.reduce((sum, { hours }) => sum + [...hours.values()].reduce((total, value) => total + value, 0), 0);
}
