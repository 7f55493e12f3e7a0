import { map, type Observable, of } from 'rxjs';

import { degrade, missingState, type SourceState, stateOfSpans } from '../completeness/model';
import { type SourceName } from '../domain/sources';
import { isEmpty, type Span } from '../domain/span';
import { cpuEvidence, defaultCpuQuery, defaultGpuQuery, gpuEvidence } from '../expr/promql';
import { prometheusClient } from '../upstream/dataSources';
import { readUsage, type UsageView } from '../usage/usageReader';
import { type GatherRequest, guarded, type Part, readableSpan, type Upstreams } from './source';

export function usage(kind: 'cpu' | 'gpu', request: GatherRequest, upstreams: Upstreams): Observable<Part> {
  const source: SourceName = kind === 'cpu' ? 'usage-cpu' : 'usage-gpu';
  const { settings, now } = request;
  const template = kind === 'cpu' ? settings.cpuQuery : settings.gpuQuery;
  const ownTemplate = template !== (kind === 'cpu' ? defaultCpuQuery : defaultGpuQuery);
  const evidence = kind === 'cpu' ? cpuEvidence : gpuEvidence;
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
    const question = {
      template,
      evidence: ownTemplate ? undefined : evidence,
      servicesNamespace: settings.servicesNamespace,
      span,
      zone: request.zone,
      // Always by the day unless hours are asked for: windows of other lengths would not add up with these.
      granularity: request.usageGranularity,
    };
    return upstreams.usage
      .get(JSON.stringify([settings.prometheusUid, question]), () => readUsage(client, question))
      .pipe(
        map((view) => {
          const state = usageState(source, span, view, ownTemplate ? undefined : evidence, now);
          return { values: { [kind]: view }, states: [state], failed: view.windows.length === 0 };
        })
      );
  });
}

function usageState(
  source: SourceName,
  span: Span,
  view: UsageView,
  evidence: string | undefined,
  now: number
): SourceState {
  const unscraped =
    view.missing.length > 0 && view.notes.length === 0
      ? [evidence ? `no samples of ${evidence} there` : 'the query of the options found no series there']
      : [];
  const state = stateOfSpans(source, span, view.missing, [...view.notes, ...unscraped], now);
  return view.warnings.length > 0 ? degrade(state, `the answer may be partial: ${view.warnings.join('; ')}`) : state;
}
