import { catchError, concat, map, type Observable, reduce, throwError } from 'rxjs';

import { dayMs, minuteMs } from '../domain/duration';
import { lengthOf, type Span } from '../domain/span';
import { quoteLogql } from '../expr/logql';
import { meaningOf, toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type RecordFamily, recordFamilies } from './dayRecord';
import { readHead, type RecordHeader } from './lines';

/**
 * Records are read by metric queries with one evaluation time, whose series have the texts of lines as a label: Loki does not split
 * these by the hour as it does log queries (30 days of records took 0.07 s instead of 2.3 s), and leaves nothing out without a word.
 */
export const recordLabel = 'oscar_record';

/** Loki lets a query look at 30 days, where nobody changed it. */
const longestMs = 28 * dayMs;

/** Less time than this a query is not tried. */
const shortestMs = minuteMs;

/** What a line of a record holds, and hardly another one. */
const marker = `|= ${quoteLogql('"oscarUsageRecord":')}`;

/** A document of which some part is in Loki. */
export interface Found {
  header: RecordHeader;
  /** Of its lines. */
  bytes: number;
  /** When it was written. */
  window: Span;
}

/** Adjacent windows that hold a span, as long as Loki allows; all but the last one are the same at all times. */
export function windowsOver({ start, end }: Span, maxLengthMs: number): Span[] {
  // What is asked is a little longer than the window.
  const length = Math.max(shortestMs, Math.min(longestMs, maxLengthMs - shortestMs));
  const first = Math.floor(start / length);
  return Array.from({ length: Math.max(0, Math.ceil(end / length) - first) }, (_, index) => ({
    start: (first + index) * length,
    end: Math.min(end, (first + index + 1) * length),
  }));
}

/** The documents of which a part was written in a window. Emits once; errors as the queries do. */
export function askFound(client: LokiClient, selector: string, window: Span): Observable<Found[]> {
  const ask = (part: Span, families: readonly RecordFamily[]) => {
    const ofFamilies = families.length < recordFamilies.length ? ` ${oneOfThem('family', families, '"')}` : '';
    const pipeline = `${selector} ${marker}${ofFamilies} | pattern \`<${recordLabel}>,"part":<_>\``;
    return askTexts(client, `sum by (${recordLabel}) (bytes_over_time(${pipeline} ${rangeOf(part)}))`, part).pipe(
      map((texts) => texts.flatMap(([text, bytes]) => foundIn(text, bytes, part)))
    );
  };
  return inParts(ask, window, recordFamilies);
}

/** Lines of the documents with these ids that were written in a window, each once. Emits once; errors as the queries do. */
export function askLines(
  client: LokiClient,
  selector: string,
  window: Span,
  ids: readonly string[]
): Observable<string[]> {
  const ask = (part: Span, some: readonly string[]) => {
    // The first digits tell ids apart well enough, and keep the query short.
    const named = oneOfThem(
      'id',
      some.map((id) => id.slice(0, idDigits)),
      ''
    );
    const pipeline = `${selector} ${marker} ${named} | pattern \`<${recordLabel}>\``;
    return askTexts(client, `sum by (${recordLabel}) (count_over_time(${pipeline} ${rangeOf(part)}))`, part).pipe(
      map((texts) => texts.map(([text]) => text))
    );
  };
  return inParts(ask, window, ids);
}

const idDigits = 16;

function oneOfThem(key: string, values: readonly string[], end: string): string {
  return `|~ ${quoteLogql(`"${key}":"(?:${values.join('|')})${end}`)}`;
}

function rangeOf(window: Span): string {
  return `[${lengthOf(window)}ms] offset 1ms`;
}

function askTexts(client: LokiClient, expr: string, { end }: Span): Observable<Array<readonly [string, number]>> {
  return client.counts(expr, end, end, 1).pipe(
    map(({ series, warnings = [] }) => {
      if (warnings.length > 0) {
        throw new UpstreamError('malformed', `Loki reports that its answer may be incomplete: ${warnings.join('; ')}`);
      }
      return series.flatMap(({ labels, samples }) => {
        const text = labels[recordLabel];
        return text === undefined ? [] : [[text, samples[0]?.[1] ?? 0] as const];
      });
    })
  );
}

/** About fewer things, then about half of the time, and so on, where Loki refuses more. */
function inParts<Thing, Answer>(
  ask: (window: Span, things: readonly Thing[]) => Observable<Answer[]>,
  window: Span,
  things: readonly Thing[]
): Observable<Answer[]> {
  return ask(window, things).pipe(
    catchError((error: unknown) => {
      const { splitHelps = 'perhaps' } = meaningOf(toUpstreamError(error));
      const isShort = lengthOf(window) < 2 * shortestMs;
      if (splitHelps === 'perhaps' || (isShort && things.length === 1)) {
        return throwError(() => error);
      }
      const byThings = things.length > 1 && splitHelps === 'amount';
      const halves = byThings
        ? halvesOf(things).map((some) => inParts(ask, window, some))
        : timesOf(window).map((part) => inParts(ask, part, things));
      return concat(...halves).pipe(reduce((all, some) => [...all, ...some], [] as Answer[]));
    })
  );
}

function halvesOf<T>(items: readonly T[]): T[][] {
  const middle = Math.ceil(items.length / 2);
  return [items.slice(0, middle), items.slice(middle)];
}

function timesOf({ start, end }: Span): Span[] {
  const middle = start + Math.floor((end - start) / 2);
  return [
    { start, end: middle },
    { start: middle, end },
  ];
}

/** Nothing for what is no record: anybody may write lines. */
function foundIn(text: string, bytes: number, window: Span): Found[] {
  try {
    return [{ header: readHead(text), bytes, window }];
  } catch {
    return [];
  }
}
