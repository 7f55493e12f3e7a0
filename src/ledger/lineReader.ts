import { EMPTY, expand, map, type Observable, of, reduce, switchMap, throwError } from 'rxjs';

import { callOfLine } from '../domain/requestLine';
import { type Span } from '../domain/span';
import { exposedPattern, type LineFamily, linesExpr } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type LogLine, type LokiClient } from '../upstream/loki';
import { type LineGroup } from './cell';

const nsPerMs = 1_000_000n;

interface Page {
  lines: LogLine[];
  /** Where the next page starts, in ns; undefined when this is the last one. */
  next: bigint | undefined;
}

/**
 * The same as `readCounts`, from the lines themselves: for a stretch of time that cannot be cut any further and still
 * holds more series than a query may have.
 *
 * A page that is full may end between lines of one and the same nanosecond. The next page therefore starts at the last
 * nanosecond of this one, whose lines are taken from the next page only. A nanosecond that fills a page by itself can't
 * be read completely this way, which is an error and not a smaller number.
 */
export function readLines(
  client: LokiClient,
  family: LineFamily,
  span: Span,
  pageSize: number
): Observable<LineGroup[]> {
  // A line belongs to the millisecond at or after its time (contract rule 5): (start - 1 ms, end - 1 ms] in ms is
  // [start - 1 ms + 1 ns, end - 1 ms + 1 ns) in ns, and Loki's end is exclusive.
  const start = BigInt(span.start - 1) * nsPerMs + 1n;
  const end = BigInt(span.end - 1) * nsPerMs + 1n;
  const read = (from: bigint): Observable<Page> =>
    client.lines(linesExpr(family), from, end, pageSize).pipe(
      switchMap((lines) => {
        const last = lines[lines.length - 1];
        if (lines.length < pageSize || !last) {
          return of({ lines, next: undefined });
        }
        if (last.time === from && lines.every(({ time }) => time === from)) {
          return throwError(
            () =>
              new UpstreamError(
                'entries-limit',
                `more than ${pageSize} lines carry the time ${from} ns, and Loki gives at most ${pageSize} in one answer`
              )
          );
        }
        return of({ lines: lines.filter(({ time }) => time < last.time), next: last.time });
      })
    );
  return read(start).pipe(
    expand((page) => (page.next === undefined ? EMPTY : read(page.next))),
    reduce((all: LogLine[], page) => [...all, ...page.lines], []),
    map((lines) => lines.flatMap((line) => groupOf(line, family)))
  );
}

const exposedExpression = new RegExp(exposedPattern.replace('?P<', '?<'));

/** What Loki would have extracted from the line. */
function groupOf({ line, labels }: LogLine, family: LineFamily): LineGroup[] {
  if (family.id === 'requests') {
    return [{ text: callOfLine(line) ?? '', labels, count: 1 }];
  }
  const service = exposedExpression.exec(line)?.groups?.exposed;
  return service === undefined ? [] : [{ text: service, labels, count: 1 }];
}
