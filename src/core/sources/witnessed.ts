import { catchError, defer, map, type Observable, of, switchMap } from 'rxjs';

import { type SourceState, withFindings } from '../completeness/model';
import { gapsIn, isEmpty, type Span } from '../domain/span';
import { type PrometheusEvidence } from '../evidence/prometheusEvidence';
import { judgeAll } from '../evidence/rule';
import { usageRules } from '../evidence/usageRules';
import { type GatherRequest, type Part, readableSpan } from './source';
import { ofStore, type Upstreams } from './upstreams';

/** CPU or GPU hours, with what Prometheus says of itself concluded into their states. What comes from records needs no such proof. */
export function witnessed(
  part$: Observable<Part>,
  request: GatherRequest,
  { prometheus, prometheusWitness }: Upstreams
): Observable<Part> {
  const { now, round, readAgain } = request;
  // An option that names no data source is an error of the part, too.
  const evidenceOf = (spans: readonly Span[]) =>
    defer(() => {
      const client = prometheus(ofStore);
      const [first, last] = [spans[0], spans[spans.length - 1]];
      const span = { start: first?.start ?? 0, end: last?.end ?? 0 };
      return isEmpty(span)
        ? of(undefined)
        : round.prometheusEvidence.get(JSON.stringify(span), () => prometheusWitness.ask(client, span, readAgain));
    }).pipe(catchError(() => of(undefined)));
  return part$.pipe(
    switchMap((part) => {
      const recorded = part.states.flatMap((state) => state.recorded ?? []);
      return part.failed
        ? of(part)
        : evidenceOf(gapsIn(readableSpan(request, 0), recorded)).pipe(map((evidence) => judged(part, evidence, now)));
    })
  );
}

function judged(part: Part, evidence: PrometheusEvidence | undefined, now: number): Part {
  const withEvidence = (state: SourceState) =>
    evidence ? withFindings(state, judgeAll(usageRules, { state, evidence, now })) : state;
  return { ...part, states: part.states.map(withEvidence) };
}
