import { catchError, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import {
  activeGpuEvidence,
  allocatedGpu,
  anyRequestOfGpus,
  busyGpu,
  gpuEvidence,
  oscarGpuEvidence,
  oscarGpuQuery,
  requestsSeen,
  seenIn,
} from '../../expr/promqlGpu';
import { type PrometheusClient } from '../../upstream/prometheus';
import { type Sharing } from '../../upstream/sharing';
import { type SettledWindows } from '../cache/settledWindows';
import { counters, gauges } from '../scrapes/scraped';
import { readTemplate, type TemplateRequest } from '../template/templateReader';
import { isKnown, type UsageView, type UsageWindow } from '../view';
import { allocatedFrom } from './allocatedMinutes';
import { busyFrom } from './busyMinutes';
import { gpuHoursAt } from './gpuHours';
import { labelsSeenIn } from './labelsSeen';
import {
  allocationDoubts,
  allocationNotes,
  busyDoubts,
  hasShares,
  hasUnknownPods,
  strayHoursIn,
  sumOf,
  withoutAnyLabels,
} from './notes';

export type GpuRequest = Omit<
  TemplateRequest,
  'template' | 'pods' | 'sampled' | 'read' | 'evidence' | 'hint' | 'scraped' | 'addsUp'
>;

/** Both kinds are counted by the minute, in sub-queries, which cost pods times minutes. */
const maxDaysInQuery = 2;

/**
 * Reads GPU hours: allocated ones where kube-state-metrics exports requests, else those in which a GPU was busy, else OSCAR's
 * own metric. The notes say which. Never errors.
 */
export function readGpu(
  client: PrometheusClient,
  request: GpuRequest,
  settledOf: (template: string) => SettledWindows<UsageWindow>,
  labelsSeen: Sharing<boolean>
): Observable<UsageView> {
  const ask = (query: Omit<TemplateRequest, keyof GpuRequest>) =>
    readTemplate(client, { ...request, ...query, maxDaysInQuery }, settledOf(query.template()));
  const known = (view: UsageView) => withLabelsKnown(client, request, view, labelsSeen);
  const read: TemplateRequest['read'] = (series, at) => gpuHoursAt(series, at, request.servicesNamespace);
  return forkJoin({
    allocated: ask({
      ...allocatedGpu,
      sampled: { query: allocatedGpu.samples, hours: allocatedFrom },
      read,
      evidence: requestsSeen,
      hint: seenIn(gpuEvidence),
      scraped: [gauges(gpuEvidence)],
      addsUp: true,
    }).pipe(switchMap(known)),
    active: ask({
      ...busyGpu,
      sampled: { query: busyGpu.samples, hours: busyFrom },
      read,
      evidence: seenIn(activeGpuEvidence),
      scraped: [gauges(activeGpuEvidence)],
      addsUp: true,
    }).pipe(switchMap(known)),
  }).pipe(
    switchMap(({ allocated, active }) => {
      if (hasFailed(allocated)) {
        return of(allocated);
      }
      if (hasData(allocated)) {
        return isUnexplained(client, request, allocated, active).pipe(
          map((unexplained) =>
            unexplained
              ? ofBusy(active, 'according to kube-state-metrics, no pod requested a GPU')
              : withActive(allocated, active)
          )
        );
      }
      if (hasData(active) || hasFailed(active)) {
        return of(ofBusy(active, 'what was allocated is not known'));
      }
      const evidence = seenIn(oscarGpuEvidence);
      return ask({
        template: () => oscarGpuQuery,
        evidence,
        scraped: [counters(oscarGpuEvidence)],
        addsUp: false,
      }).pipe(
        map((own) =>
          hasData(own)
            ? noted(own, `GPU hours come from ${oscarGpuEvidence}`)
            : noted(own, `there are no samples of ${gpuEvidence}, ${activeGpuEvidence} or ${oscarGpuEvidence}`)
        )
      );
    })
  );
}

/** Distinguishes pods whose labels are not known from a cluster without any. Asks only where there are such pods. */
function withLabelsKnown(
  client: PrometheusClient,
  { span }: GpuRequest,
  view: UsageView,
  labelsSeen: Sharing<boolean>
): Observable<UsageView> {
  if (!hasUnknownPods(view)) {
    return of(view);
  }
  return labelsSeenIn(client, span, labelsSeen).pipe(
    map((isSeen) => (isSeen ? view : withoutAnyLabels(view))),
    // The other reason is less helpful, and raises no doubt below 1 %.
    catchError(() => of(withoutAnyLabels(view)))
  );
}

/** Busy hours, and why they are not allocated ones. */
function ofBusy(active: UsageView, why: string): UsageView {
  return withDoubts(
    noted(active, `GPU hours are the hours in which GPUs were busy (DCGM); ${why}`),
    busyDoubts(active)
  );
}

/**
 * True when no GPU was allocated, GPUs were busy for an unknown user, and no pod in the cluster requests a GPU, which would
 * explain it. Asks for requests only then.
 */
function isUnexplained(
  client: PrometheusClient,
  { span }: GpuRequest,
  allocated: UsageView,
  active: UsageView
): Observable<boolean> {
  if (sumOf(allocated.windows) > 0 || hasShares(allocated) || strayHoursIn(active) === 0) {
    return of(false);
  }
  return client.instant(anyRequestOfGpus(span.end - span.start), span.end - 1).pipe(
    map(({ series }) => series.length === 0),
    // What is not known must not be shown as 0.
    catchError(() => of(true))
  );
}

function withActive(view: UsageView, active: UsageView): UsageView {
  const note = 'GPU hours are the hours for which GPUs were allocated to pods';
  const allocated = withDoubts(
    { ...view, notes: [...view.notes, ...allocationNotes(view)] },
    allocationDoubts(view, active)
  );
  // Busy hours have no status of their own: what may be too little is left out, with a doubt.
  const isUnread = active.windows.length < allocated.windows.length;
  if (isUnread || active.warnings.length > 0) {
    const why = isUnread ? active.notes : active.warnings;
    return withDoubts(noted(allocated, note), [
      `busy hours are not shown because they may be incomplete: ${why.join('; ')}`,
    ]);
  }
  if (!hasData(active)) {
    return noted(allocated, note);
  }
  const strayHours = strayHoursIn(active);
  if (strayHours > 0) {
    const why = `GPUs were busy for ${strayHours.toFixed(2)} hours for which DCGM names no pod`;
    return noted(allocated, `${note}; busy hours are not shown: ${why}`);
  }
  const shares = `${sumOf(allocated.windows).toFixed(2)} hours allocated, ${sumOf(active.windows).toFixed(2)} of them busy (DCGM)`;
  return {
    ...noted(allocated, `${note}: ${shares}`),
    gpu: { allocated, active },
  };
}

function withDoubts(view: UsageView, doubts: readonly string[]): UsageView {
  return doubts.length === 0 ? view : { ...view, doubts: [...(view.doubts ?? []), ...doubts] };
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
