import { catchError, concat, map, type Observable, of, switchMap, throwError, toArray } from 'rxjs';

import { type Span } from '../domain/span';
import { type LineFamily, quoteLogql } from '../expr/logql';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type LineGroup } from './cell';
import { readCounts, refuseDoubted } from './spanReader';

/** A test of one label that some lines pass and others may not. */
interface Test {
  label: string;
  /** RE2, matched against the whole value. */
  pattern: string;
}

const bitsOfAscii = [0, 1, 2, 3, 4, 5, 6];

/** Distances at which characters are looked at: all of them, every second one, … */
const strides = [1, 2, 3, 5];

/**
 * Tests that act like the bits of a hash: whether the characters with a certain bit in their code occur an even number
 * of times, among all of a text or every second, third or fifth character. Each divides identifiers about in half.
 */
function testsOf({ extracted, groupBy }: LineFamily): Test[] {
  const ofLabel = (label: string, distances: readonly number[]) =>
    distances.flatMap((stride) =>
      Array.from({ length: stride }, (_, offset) =>
        bitsOfAscii.map((bit) => ({ label, pattern: evenPattern(bit, stride, offset) }))
      ).flat()
    );
  const others = groupBy.filter((label) => !extracted.includes(label));
  return [
    ...extracted.slice(0, 1).flatMap((label) => ofLabel(label, strides)),
    ...others.flatMap((label) => ofLabel(label, [1])),
  ];
}

/**
 * Matches a text in which an even number of the characters at `offset`, `offset + stride`, … have the bit set. The text
 * is read in blocks of `stride` characters, the last of which may be shorter.
 */
export function evenPattern(bit: number, stride: number, offset: number): string {
  const set = charactersWithBit(bit);
  const before = `.{${offset}}`;
  const after = stride - 1 - offset;
  const even = `${before}[^${set}].{${after}}`;
  const odd = `${before}[${set}].{${after}}`;
  const pairs = `(?:${even}|${odd}(?:${even})*${odd})*`;
  if (stride === 1) {
    return `(?s)${pairs}`;
  }
  const shortEven = after > 0 ? `.{0,${offset}}|${before}[^${set}].{0,${after - 1}}` : `.{0,${offset}}`;
  const shortOdd = after > 0 ? `|${odd}(?:${even})*${before}[${set}].{0,${after - 1}}` : '';
  return `(?s)${pairs}(?:${shortEven}${shortOdd})`;
}

/** The printable ASCII characters with a bit set, as the inside of a character class. */
function charactersWithBit(bit: number): string {
  const codes = Array.from({ length: 95 }, (_, index) => index + 32).filter((code) => (code >> bit) % 2 === 1);
  return codes.map((code) => `\\x${code.toString(16)}`).join('');
}

/**
 * The last resort, for a millisecond that holds more different lines than a query may have series: cuts the lines in
 * two by a test of their text, and again, until each part fits. A line either passes a test or it does not, so the
 * parts are disjoint and complete, whatever the lines are.
 */
export function readByKeySpace(client: LokiClient, family: LineFamily, span: Span): Observable<LineGroup[]> {
  return readPart(client, family, span, testsOf(family), 0);
}

function readPart(
  client: LokiClient,
  family: LineFamily,
  span: Span,
  tests: readonly Test[],
  from: number
): Observable<LineGroup[]> {
  return tryToRead(client, family, span).pipe(
    switchMap((groups) => (groups ? of(groups) : readHalves(client, family, span, tests, from)))
  );
}

/** Reads a part that has too many series. A test that does not divide it leaves no trace in the query. */
function readHalves(
  client: LokiClient,
  family: LineFamily,
  span: Span,
  tests: readonly Test[],
  from: number
): Observable<LineGroup[]> {
  const test = tests[from];
  if (!test) {
    return throwError(
      () => new UpstreamError('series-limit', 'more different lines in one millisecond than one answer may hold')
    );
  }
  const halves = (['=~', '!~'] as const).map((operator) => ({
    ...family,
    parser: `${family.parser} | ${test.label} ${operator} ${quoteLogql(test.pattern)}`,
  }));
  return concat(...halves.map((half) => tryToRead(client, half, span))).pipe(
    toArray(),
    switchMap((read) => {
      if (read.some((groups) => groups?.length === 0)) {
        return readHalves(client, family, span, tests, from + 1);
      }
      const parts = halves.map((half, index) => {
        const groups = read[index];
        return groups ? of(groups) : readHalves(client, half, span, tests, from + 1);
      });
      return concat(...parts).pipe(
        toArray(),
        map((groups) => groups.flat())
      );
    })
  );
}

/** The groups of a part; undefined when it has too many series. */
function tryToRead(client: LokiClient, family: LineFamily, span: Span): Observable<LineGroup[] | undefined> {
  return readCounts(client, family, span).pipe(
    map((lines) => {
      refuseDoubted(lines);
      return lines.groups;
    }),
    catchError((error: unknown) =>
      toUpstreamError(error).kind === 'series-limit' ? of(undefined) : throwError(() => error)
    )
  );
}
