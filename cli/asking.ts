import { fromEvent, lastValueFrom, map, type Observable, take, takeUntil, tap, throwIfEmpty } from 'rxjs';

import { exitCodes, ToldError } from './exit';

/** The last value, unless the program is interrupted before; then everything that is under way is left. */
export async function lastOf<T>(
  values$: Observable<T>,
  signal: AbortSignal,
  onEach: (value: T) => void = () => undefined
): Promise<T> {
  const interrupted = () => new ToldError('interrupted', exitCodes.interrupted);
  if (signal.aborted) {
    throw interrupted();
  }
  const abort$ = fromEvent(signal, 'abort').pipe(
    take(1),
    map(() => {
      throw interrupted();
    })
  );
  return lastValueFrom(values$.pipe(tap(onEach), takeUntil(abort$), throwIfEmpty(interrupted)));
}
