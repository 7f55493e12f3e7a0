import { forkJoin, map, type Observable, of } from 'rxjs';

import { withFindings } from '../completeness/model';
import { declaredGapsOf, declaredRules } from '../evidence/declaredGaps';
import { judgeAll } from '../evidence/rule';
import { inventory } from './inventory';
import { exposedLogs, requestLogs } from './requestLogs';
import { rosterState } from './roster';
import { type Gathered, type GatherRequest, type Upstreams } from './source';
import { usage } from './usage';
import { witnessed } from './witnessed';

/** Asks the sources that a report needs, all at once. A source that fails never hides another. Never errors. */
export function gather(request: GatherRequest, upstreams: Upstreams): Observable<Gathered> {
  const { needs } = request;
  const gaps = declaredGapsOf(request.settings.knownGaps);
  const parts = [
    ...(needs.requests ? [requestLogs(request, upstreams)] : []),
    ...(needs.exposed ? [exposedLogs(request, upstreams)] : []),
    ...(needs.cpu ? [witnessed(usage('cpu', request, upstreams), request, upstreams)] : []),
    ...(needs.gpu ? [witnessed(usage('gpu', request, upstreams), request, upstreams)] : []),
    ...(needs.inventory ? [inventory(request, upstreams)] : []),
  ];
  return (parts.length > 0 ? forkJoin(parts) : of([])).pipe(
    map((answers) => ({
      ...Object.assign({}, ...answers.map(({ values }) => values)),
      states: new Map(
        [...answers.flatMap(({ states }) => states), rosterState(request)].map((state) => [
          state.source,
          withFindings(state, judgeAll(declaredRules, { state, gaps })),
        ])
      ),
      failed: answers.filter(({ failed }) => failed).flatMap(({ states }) => states.map(({ source }) => source)),
    }))
  );
}
