import { catchError, defer, from, mergeMap, type Observable, of } from 'rxjs';

import { type Span } from '../domain/span';
import { type CountReader, type ReadEvent } from '../requests/countReader';
import { type BookedDay, bookedCells } from './recordBook';

/** Gives the days that have a record and lie, at least in part, in some spans. Errors as the questions do. */
export type FindDays = (spans: readonly Span[]) => Observable<readonly BookedDay[]>;

/**
 * Reads counts from usage records, where these are as good as the logs: whole quarter hours of days without a doubt. All else it leaves to
 * the next reader, and everything where it is asked past all caches, or the records cannot be read.
 */
export function recordedReader(findDays: FindDays): CountReader {
  return {
    read: (spans, { grid, table, isFresh }) =>
      isFresh
        ? leftTo(spans)
        : defer(() => findDays(spans)).pipe(
            mergeMap((days) => {
              const sure = days.filter(({ doubt }) => doubt === undefined);
              const { cells, left } = bookedCells(sure, spans, grid, table);
              return from<ReadEvent[]>([
                ...cells.map((cell) => ({ kind: 'cell', cell }) as const),
                ...left.map((span) => ({ kind: 'left', span }) as const),
              ]);
            }),
            // The logs say what is wrong with Loki, if anything is.
            catchError(() => leftTo(spans))
          ),
  };
}

function leftTo(spans: readonly Span[]): Observable<ReadEvent> {
  return spans.length === 0 ? of() : from(spans.map((span): ReadEvent => ({ kind: 'left', span })));
}
