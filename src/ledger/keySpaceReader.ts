import { catchError, concat, map, type Observable, throwError, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { type LineFamily, quoteLogql } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type LineGroup } from './cell';
import { readCounts } from './spanReader';

/** Four ways to halve the characters of identifiers; together they tell any two hexadecimal digits apart. */
const characterSets = [
  '[02468aceACEgikmoqsuwyGIKMOQSUWY]',
  '[014589cdCDghklopstwxGHKLOPSTWX]',
  '[0-389abABi-px-zI-PX-Z]',
  '[0-7g-tG-T]',
];

/** Positions from the end of a line at which lines are told apart; user ids differ before their common `@issuer`. */
const positions = [
  ...Array.from({ length: 54 }, (_, index) => index + 10),
  ...Array.from({ length: 10 }, (_, index) => index),
];

const tests = positions.flatMap((position) => characterSets.map((set) => `${set}.{${position}}$`));

/**
 * The last resort, for a millisecond that holds more different lines than a query may have series: cuts the lines in
 * two by a character, and again, until each part fits. A line either matches a test or it does not, so the parts are
 * disjoint and complete, whatever the lines are.
 */
export function readByKeySpace(client: LokiClient, family: LineFamily, span: Span, depth = 0): Observable<LineGroup[]> {
  return readCounts(client, family, span).pipe(
    map(({ groups }) => groups),
    catchError((error: unknown) => {
      const test = tests[depth];
      if (toUpstreamError(error).kind !== 'series-limit' || test === undefined) {
        return throwError(() => error);
      }
      const part = (operator: '|~' | '!~') =>
        readByKeySpace(
          client,
          { ...family, filters: `${family.filters} ${operator} ${quoteLogql(test)}` },
          span,
          depth + 1
        );
      return concat(part('|~'), part('!~')).pipe(
        toArray(),
        map((groups) => groups.flat())
      );
    })
  );
}
