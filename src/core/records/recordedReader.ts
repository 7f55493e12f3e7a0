import { catchError, defer, from, map, mergeMap, type Observable, switchMap } from 'rxjs';

import { clip, gapsIn, type Span } from '../domain/span';
import { type CountReader, type ReadEvent } from '../requests/countReader';
import { pageTurns } from '../runtime/turns';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { bookedCells } from './recordBook';
import { type UsableDay } from './usableDays';

/** Gives the days to be taken from records that lie, at least in part, in some spans. Errors as the questions do. */
export type FindDays = (spans: readonly Span[], isFresh: boolean) => Observable<readonly UsableDay[]>;

const gone = new UpstreamError(
  'unavailable',
  'Loki no longer has the lines, and the usage record of the day does not know this time'
);

/**
 * Reads counts from usage records: whole quarter hours. All else it leaves to the next reader, and everything where the records cannot be
 * read; where the lines of a day are gone, what its record does not have is missing.
 */
export function recordedReader(findDays: FindDays): CountReader {
  return {
    read: (spans, { grid, table, isFresh }) =>
      defer(() => (spans.length > 0 ? findDays(spans, isFresh) : [])).pipe(
        switchMap((days) =>
          pageTurns.run(() => bookedCells(days, spans, grid, table)).pipe(map((booked) => ({ days, ...booked })))
        ),
        mergeMap(({ days, cells, left }) => {
          const lost = days.filter(({ areLinesGone }) => areLinesGone).map(({ origin }) => origin.span);
          const missing = lost.flatMap((day) => clip(left, day));
          const others = left.flatMap((span) => gapsIn(span, lost));
          return from<ReadEvent[]>([
            ...cells.map((cell) => ({ kind: 'cell', cell }) as const),
            ...missing.map((span) => ({ kind: 'missing', missing: { ...span, reason: gone } }) as const),
            ...others.map((span) => ({ kind: 'left', span }) as const),
          ]);
        }),
        // What is wrong with Loki, the logs say; a Loki that does not know the question may well give its lines.
        catchError((error: unknown) => leftTo(spans, toUpstreamError(error)))
      ),
  };
}

function leftTo(spans: readonly Span[], error: UpstreamError): Observable<ReadEvent> {
  const reason = error.kind === 'unavailable' ? error : undefined;
  return from(spans.map((span): ReadEvent => ({ kind: 'left', span, ...(reason && { reason }) })));
}
