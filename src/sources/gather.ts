import { forkJoin, map, type Observable, of } from 'rxjs';

import { degrade, type SourceState } from '../completeness/model';
import { inventory } from './inventory';
import { exposedLogs, requestLogs } from './requestLogs';
import { rosterState } from './roster';
import { type Gathered, type GatherRequest, type Upstreams } from './source';
import { usage } from './usage';

/** Asks the sources that a report needs, all at once. A source that fails never hides another. Never errors. */
export function gather(request: GatherRequest, upstreams: Upstreams): Observable<Gathered> {
  const { needs } = request;
  const parts = [
    ...(needs.requests ? [requestLogs(request, upstreams)] : []),
    ...(needs.exposed ? [exposedLogs(request, upstreams)] : []),
    ...(needs.cpu ? [usage('cpu', request, upstreams)] : []),
    ...(needs.gpu ? [usage('gpu', request, upstreams)] : []),
    ...(needs.inventory ? [inventory(request, upstreams)] : []),
  ];
  return (parts.length > 0 ? forkJoin(parts) : of([])).pipe(
    map((answers) => ({
      ...Object.assign({}, ...answers.map(({ values }) => values)),
      states: new Map(
        [...answers.flatMap(({ states }) => states), rosterState(request)].map((state) => [
          state.source,
          withKnownGaps(state, request),
        ])
      ),
      failed: answers.filter(({ failed }) => failed).flatMap(({ states }) => states.map(({ source }) => source)),
    }))
  );
}

/** Doubts a source where the operator declared that it has a gap. */
function withKnownGaps(state: SourceState, { settings, range }: GatherRequest): SourceState {
  return settings.knownGaps
    .filter(
      ({ source, from, to }) => source === state.source && Date.parse(from) < range.end && Date.parse(to) >= range.start
    )
    .reduce((doubted, { from, to, note }) => degrade(doubted, `known gap from ${from} to ${to}: ${note}`), state);
}
