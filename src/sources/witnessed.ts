import { map, type Observable, of, switchMap } from 'rxjs';

import { type SourceState, withFindings } from '../completeness/model';
import { judgeAll } from '../evidence/rule';
import { usageRules } from '../evidence/usageRules';
import { prometheusClient } from '../upstream/dataSources';
import { type GatherRequest, type Part, type Upstreams } from './source';

/** CPU or GPU hours, with what Prometheus says of itself concluded into their states. */
export function witnessed(
  part$: Observable<Part>,
  { settings, now }: GatherRequest,
  { usageTransport, prometheusWitness }: Upstreams
): Observable<Part> {
  return part$.pipe(
    switchMap((part) => {
      const range = part.states[0]?.range;
      if (part.failed || !range || range.end <= range.start) {
        return of(part);
      }
      const client = prometheusClient(usageTransport, settings.prometheusUid);
      return prometheusWitness.ask(client, settings.prometheusUid ?? '', range).pipe(
        map((evidence) => {
          const judged = (state: SourceState) => withFindings(state, judgeAll(usageRules, { state, evidence, now }));
          return { ...part, states: part.states.map(judged) };
        })
      );
    })
  );
}
