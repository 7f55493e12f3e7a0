import { combineLatest, map, type Observable, of, startWith } from 'rxjs';

import { missingState, withFindings } from '../completeness/model';
import { type SourceName } from '../domain/sources';
import { declaredGapsOf, declaredRules } from '../evidence/declaredGaps';
import { judgeAll } from '../evidence/rule';
import { interimAfterMs, interimAndLast } from './interim';
import { inventory } from './inventory';
import { exposedLogs, requestLogs } from './requestLogs';
import { rosterState } from './roster';
import { type Gathered, type GatherRequest, type Part, refusable } from './source';
import { type Upstreams } from './upstreams';
import { usage } from './usage';
import { witnessed } from './witnessed';

/**
 * Asks the sources that a report needs, all at once. Emits when all of them have answered, and while that takes long what
 * is there so far, marked `loading`. A source that fails never hides another. Never errors.
 */
export function gather(request: GatherRequest, upstreams: Upstreams): Observable<Gathered> {
  const { needs } = request;
  const ofLoki = (part$: Observable<Part>) => refusable(part$, 'loki', request, upstreams);
  const ofPrometheus = (part$: Observable<Part>) => refusable(part$, 'prometheus', request, upstreams);
  const gaps = declaredGapsOf(request.settings.knownGaps);
  const parts = [
    ...(needs.requests
      ? [pending(request, ['request-logs', 'country-attribution'], ofLoki(requestLogs(request, upstreams)))]
      : []),
    ...(needs.exposed ? [pending(request, ['exposed-request-logs'], ofLoki(exposedLogs(request, upstreams)))] : []),
    ...(needs.cpu
      ? [pending(request, ['usage-cpu'], ofPrometheus(witnessed(usage('cpu', request, upstreams), request, upstreams)))]
      : []),
    ...(needs.gpu
      ? [pending(request, ['usage-gpu'], ofPrometheus(witnessed(usage('gpu', request, upstreams), request, upstreams)))]
      : []),
    ...(needs.inventory ? [pending(request, ['service-inventory'], ofPrometheus(inventory(request, upstreams)))] : []),
  ];
  return (parts.length > 0 ? combineLatest(parts).pipe(interimAndLast(interimAfterMs)) : of([])).pipe(
    map((answers) => ({
      ...Object.assign({}, ...answers.map(({ values }) => values)),
      states: new Map(
        [...answers.flatMap(({ states }) => states), rosterState(request)].map((state) => [
          state.source,
          state.unconfigured ? state : withFindings(state, judgeAll(declaredRules, { state, gaps })),
        ])
      ),
      failed: answers.filter(({ failed }) => failed).flatMap(({ states }) => states.map(({ source }) => source)),
      loading: answers.some(({ loading }) => loading),
    }))
  );
}

/** What a source contributes as long as it has not answered: nothing, and it says so. */
function pending(
  { range, now }: GatherRequest,
  sources: readonly SourceName[],
  part$: Observable<Part>
): Observable<Part> {
  const states = sources.map((source) => missingState(source, range, 'still loading', now));
  return part$.pipe(startWith({ values: {}, states, failed: false, loading: true }));
}
