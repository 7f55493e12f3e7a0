import { connect, last, merge, type MonoTypeOperatorFunction, sample, timer } from 'rxjs';

/** A query that takes longer shows what it has; one that is quicker shows its result alone. */
export const interimAfterMs = 1500;

const interimEveryMs = 2000;

/**
 * Passes the last value on, and before it the newest one `afterMs` after the subscription and every two seconds from then
 * on, where there is a new one. The source must emit at least once.
 */
export function interimAndLast<T>(afterMs: number): MonoTypeOperatorFunction<T> {
  return connect((values$) => merge(values$.pipe(sample(timer(afterMs, interimEveryMs))), values$.pipe(last())));
}
