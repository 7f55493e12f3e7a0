import { map, type Observable, of } from 'rxjs';

import { degrade, missingState, type SourceState, stateOfSpans } from '../completeness/model';
import { type SourceName } from '../domain/sources';
import { isEmpty, type Span } from '../domain/span';
import { defaultCpuQuery, defaultGpuQuery, gpuEvidence } from '../expr/promql';
import { prometheusClient } from '../upstream/dataSources';
import { type PrometheusClient } from '../upstream/prometheus';
import { type CpuRequest, readCpu } from '../usage/cpuReader';
import { readUsage, type UsageView } from '../usage/usageReader';
import { type GatherRequest, guarded, type Part, readableSpan, type Upstreams } from './source';

export function usage(kind: 'cpu' | 'gpu', request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = kind === 'cpu' ? 'usage-cpu' : 'usage-gpu';
  const { settings, now } = request;
  return guarded([source], request, () => {
    const span = readableSpan(request, 0);
    if (isEmpty(span)) {
      return of<Part>({
        values: {},
        states: [missingState(source, request.range, 'the range lies ahead', now)],
        failed: false,
      });
    }
    const client = prometheusClient(upstreams.usageTransport, settings.prometheusUid);
    const isPlanned = kind === 'cpu' && settings.cpuQuery === defaultCpuQuery;
    const view$ = isPlanned
      ? planned(request, upstreams, client, span)
      : templated(kind, request, upstreams, client, span);
    return view$.pipe(
      map((view) => ({
        values: { [kind]: view },
        states: [stateOf(source, span, view, now)],
        failed: view.windows.length === 0,
      }))
    );
  });
}

/** CPU hours by the plugin's own measure. */
function planned(request: GatherRequest, upstreams: Upstreams, client: PrometheusClient, span: Span) {
  const { settings, zone, usageGranularity, now, readAgain } = request;
  const settleMs = settings.settleDelayMinutes * 60_000;
  const question = {
    servicesNamespace: settings.servicesNamespace,
    span,
    zone,
    granularity: usageGranularity,
    readAgain,
  };
  const uid = settings.prometheusUid ?? '';
  return upstreams.usage.get(JSON.stringify([uid, 'cpu', question]), () => {
    const cpu: CpuRequest = { ...question, now, settleMs };
    return readCpu(client, cpu, upstreams.cpuWindows, uid);
  });
}

/** Hours by a template of the options, or by the default one of GPUs. */
function templated(
  kind: 'cpu' | 'gpu',
  { settings, zone, usageGranularity }: GatherRequest,
  upstreams: Upstreams,
  client: PrometheusClient,
  span: Span
) {
  const template = kind === 'cpu' ? settings.cpuQuery : settings.gpuQuery;
  const isOwn = kind === 'cpu' || template !== defaultGpuQuery;
  const question = {
    template,
    evidence: isOwn ? undefined : gpuEvidence,
    servicesNamespace: settings.servicesNamespace,
    span,
    zone,
    // Always by the day unless hours are asked for: windows of other lengths would not add up with these.
    granularity: usageGranularity,
  };
  return upstreams.usage
    .get(JSON.stringify([settings.prometheusUid, question]), () => readUsage(client, question))
    .pipe(
      map((view): UsageView => {
        const nothing = isOwn ? 'the query of the options found no series there' : `no samples of ${gpuEvidence} there`;
        const isEmptyHanded = view.missing.length > 0 && view.notes.length === 0;
        return isEmptyHanded ? { ...view, notes: [nothing] } : view;
      })
    );
}

function stateOf(source: SourceName, span: Span, view: UsageView, now: number): SourceState {
  const state = stateOfSpans(source, span, view.missing, view.notes, now);
  return view.warnings.length > 0 ? degrade(state, `the answer may be partial: ${view.warnings.join('; ')}`) : state;
}
