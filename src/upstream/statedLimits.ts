import { catchError, type Observable, of, shareReplay } from 'rxjs';

import { toUpstreamError, type UpstreamErrorKind } from './errors';
import { type LokiClient, type LokiLimits } from './loki';

/** Errors of a Loki that does not tell its limits, or of a way to it that does not let the question through. */
const tellsNothing: ReadonlySet<UpstreamErrorKind> = new Set([
  'not-found',
  'authentication',
  'permission',
  'bad-request',
]);

/** Limits as Lokis state them. They do not change while one runs; a Loki that does not tell them is asked once. */
export class StatedLimits {
  private readonly known = new Map<string, Observable<LokiLimits>>();

  /** Emits once: what is known, nothing where the limits are not told. Never errors. */
  of(client: LokiClient): Observable<LokiLimits> {
    const known = this.known.get(client.uid);
    if (known) {
      return known;
    }
    const limits$ = client.limits().pipe(
      catchError((error: unknown) => {
        if (!tellsNothing.has(toUpstreamError(error).kind)) {
          this.known.delete(client.uid);
        }
        return of<LokiLimits>({});
      }),
      shareReplay({ bufferSize: 1, refCount: true })
    );
    this.known.set(client.uid, limits$);
    return limits$;
  }
}
