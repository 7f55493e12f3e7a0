import { catchError, concatMap, EMPTY, from, ignoreElements, type Observable, tap } from 'rxjs';

import { lengthOf, type Span } from '../../domain/span';
import { type LineFamily } from '../../expr/logql';
import { type LokiClient } from '../../upstream/loki';
import { type PieceSizer } from './pieceSizer';
import { stretchesAround, volumeStepMs } from './volumes';

const dayMs = 86_400_000;

/** What is shorter is read in a few requests, whether they are full or not. */
const worthAskingMs = 2 * dayMs;

/** Loki takes as long as for a query of a few hours to tell the volumes of a month. */
const longestQuestionMs = 28 * dayMs;

/**
 * Asks Loki's index how the volume of the log is spread over spans, and tells the sizer. Only a hint: where it fails or is
 * wrong, requests are worse filled. Emits nothing and never errors.
 */
export function foretellVolumes(
  spans: readonly Span[],
  { client, family, sizer }: { client: LokiClient; family: LineFamily; sizer: PieceSizer }
): Observable<never> {
  const questions = spans
    .filter((span) => lengthOf(span) >= worthAskingMs && sizer.volumes.bytesIn(span) === undefined)
    .map(stretchesAround)
    .flatMap((span) => inParts(span));
  return from(questions).pipe(
    concatMap((part) =>
      client
        .volumes(family.selector, part.start, part.end, volumeStepMs)
        .pipe(tap((volumes) => sizer.volumes.add(part, volumes)))
    ),
    ignoreElements(),
    catchError(() => EMPTY)
  );
}

function inParts({ start, end }: Span): Span[] {
  return Array.from({ length: Math.ceil((end - start) / longestQuestionMs) }, (_, index) => ({
    start: start + index * longestQuestionMs,
    end: Math.min(end, start + (index + 1) * longestQuestionMs),
  }));
}
