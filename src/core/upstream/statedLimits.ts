import { catchError, map, type Observable, of, shareReplay, switchMap } from 'rxjs';

import { isRefusal, toUpstreamError } from './errors';
import { type LokiClient } from './loki';
import { type LokiLimits } from './lokiLimits';

/** Limits as Lokis state them. They do not change while one runs; a Loki that does not tell them is asked once. */
export class StatedLimits {
  private readonly known = new Map<string, Observable<LokiLimits>>();

  /** `now` in ms since the epoch. */
  constructor(private readonly now: () => number = () => Date.now()) {}

  /**
   * Emits once: what is known, nothing where the limits are not told. Never errors. `selector` is of the lines that are asked for:
   * with it, a Loki that does not tell its look-back, which it applies without a word, shows it by an answer.
   */
  of(client: LokiClient, selector?: string): Observable<LokiLimits> {
    const known = this.known.get(client.uid);
    if (known) {
      return known;
    }
    const limits$ = client.limits().pipe(
      catchError((error: unknown) => {
        // A refusal is of a Loki that does not tell its limits, or of a way to it that does not let the question through.
        if (!isRefusal(toUpstreamError(error))) {
          this.known.delete(client.uid);
        }
        return of<LokiLimits>({});
      }),
      switchMap((limits) => this.withLookBack(client, limits, selector)),
      shareReplay({ bufferSize: 1, refCount: true })
    );
    this.known.set(client.uid, limits$);
    return limits$;
  }

  private withLookBack(client: LokiClient, limits: LokiLimits, selector: string | undefined): Observable<LokiLimits> {
    if (limits.lookBackMs !== undefined || selector === undefined) {
      return of(limits);
    }
    return client.lookBack(selector, this.now()).pipe(
      map((lookBackMs) => ({ ...limits, lookBackMs })),
      catchError(() => of(limits))
    );
  }
}
