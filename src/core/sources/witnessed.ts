import { catchError, defer, finalize, map, type Observable, of, shareReplay, switchMap } from 'rxjs';

import { type SourceState, withFindings } from '../completeness/model';
import { gapsIn, isEmpty, type Span } from '../domain/span';
import { type PrometheusEvidence } from '../evidence/prometheusEvidence';
import { judgeAll } from '../evidence/rule';
import { usageRules } from '../evidence/usageRules';
import { type GatherRequest, type Part, readableSpan } from './source';
import { ofStore, type Upstreams } from './upstreams';

/** CPU or GPU hours, with what Prometheus says of itself concluded into their states. */
export function witnessed(
  part$: Observable<Part>,
  request: GatherRequest,
  { prometheus, prometheusWitness, records }: Upstreams
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
  const whole = readableSpan(request, 0);
  if (records) {
    // What comes from records needs no proof; that is known when the hours are there.
    return part$.pipe(
      switchMap((part) => {
        const recorded = part.states.flatMap((state) => state.recorded ?? []);
        return part.failed
          ? of(part)
          : evidenceOf(gapsIn(whole, recorded)).pipe(map((evidence) => judged(part, evidence, now)));
      })
    );
  }
  const evidence$ = evidenceOf([whole]).pipe(shareReplay({ bufferSize: 1, refCount: true }));
  const judged$ = part$.pipe(
    switchMap((part) => (part.failed ? of(part) : evidence$.pipe(map((evidence) => judged(part, evidence, now)))))
  );
  // Asked at the same time as the hours, and waited for only where there are some.
  return defer(() => {
    const early = evidence$.subscribe();
    return judged$.pipe(finalize(() => early.unsubscribe()));
  });
}

function judged(part: Part, evidence: PrometheusEvidence | undefined, now: number): Part {
  const withEvidence = (state: SourceState) =>
    evidence ? withFindings(state, judgeAll(usageRules, { state, evidence, now })) : state;
  return { ...part, states: part.states.map(withEvidence) };
}
