import { catchError, defer, type Observable, of } from 'rxjs';

/** Makes any error of one query, also a fault of the plugin itself, the failure of this query and of no other. */
export function isolated<T>(run: () => Observable<T>, failure: (message: string) => T): Observable<T> {
  return defer(run).pipe(
    catchError((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      return of(failure(`this query failed because of a bug in the plugin: ${message}`));
    })
  );
}
