import { from, map, mergeMap, type Observable, toArray } from 'rxjs';

/**
 * Asks about each of some items, about a few at a time; emits what was found once all is there, in the order of the items,
 * whatever the order of the answers. Errors like `ask`.
 */
export function askInOrder<T, R>(
  items: readonly T[],
  ask: (item: T, index: number) => Observable<R>,
  atOnce: number
): Observable<R[]> {
  return from(items).pipe(
    mergeMap((item, index) => ask(item, index).pipe(map((found) => ({ index, found }))), atOnce),
    toArray(),
    map((all) => all.sort((a, b) => a.index - b.index).map(({ found }) => found))
  );
}
