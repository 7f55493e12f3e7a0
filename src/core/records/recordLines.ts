import { concatMap, expand, from, last, map, type Observable, of, reduce, switchMap, EMPTY } from 'rxjs';

import { dayMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { entriesExpr, quoteLogql } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type LineStream, type LokiClient, millisecondOf } from '../upstream/loki';
import { type Day, type RecordFamily, spanOfDay } from './dayRecord';

/** Lines of an answer: a line may have 200 KB, and an answer of Loki 4 MB. */
const linesAtOnce = 16;

/** Loki lets a question be about 30 days, where nobody changed it. */
const longestMs = 7 * dayMs;

export interface RecordQuestion {
  /** LogQL stream selector of the records. */
  selector: string;
  /** A few days; each makes the query longer. */
  days: readonly Day[];
  families: readonly RecordFamily[];
  /** ms since the epoch. */
  now: number;
}

/**
 * The lines that may be parts of records of some days, whatever they are. Loki counts them first, and all of them must come: an older record
 * would take the place of one that is lacking. Errors as the queries do. Emits once.
 */
export function readRecordLines(client: LokiClient, question: RecordQuestion): Observable<string[]> {
  const expr = exprOf(question);
  // A record is written when its day is over.
  const start = Math.min(...question.days.map((day) => spanOfDay(day)?.end ?? question.now));
  const windows: Span[] = [];
  for (let at = start; at < question.now; at += longestMs) {
    windows.push({ start: at, end: Math.min(question.now, at + longestMs) });
  }
  return from(windows).pipe(
    concatMap((window) => readWindow(client, expr, window)),
    reduce((all, lines) => [...all, ...lines], [] as string[])
  );
}

function exprOf({ selector, days, families }: RecordQuestion): string {
  const named = (key: string, values: readonly string[]) => `|~ ${quoteLogql(`"${key}":"(?:${values.join('|')})"`)}`;
  return `${selector} |= ${quoteLogql('"oscarUsageRecord":')} ${named('family', families)} ${named('day', days)}`;
}

/** What was read so far of a window. */
interface Read {
  from: number;
  limit: number;
  /** By time, labels, text and the number of equal ones before it: what two pages share is there once. */
  lines: ReadonlyMap<string, string>;
  isDone: boolean;
}

function readWindow(client: LokiClient, expr: string, { start, end }: Span): Observable<string[]> {
  return client.counts(entriesExpr(expr, end - start, 1), end, end, 1).pipe(
    switchMap(({ series }) => {
      const total = series.reduce((sum, { samples }) => sum + samples.reduce((own, [, count]) => own + count, 0), 0);
      if (total === 0) {
        return of([]);
      }
      const begin: Read = { from: start, limit: linesAtOnce, lines: new Map(), isDone: false };
      return of(begin).pipe(
        expand((read) => (read.isDone ? EMPTY : nextPage(client, expr, end, read))),
        last(),
        map(({ lines }) => {
          if (lines.size < total) {
            throw new UpstreamError('entries-limit', `Loki gave ${lines.size} of ${total} lines of usage records`);
          }
          return [...lines.values()];
        })
      );
    })
  );
}

function nextPage(client: LokiClient, expr: string, end: number, read: Read): Observable<Read> {
  return client.lines(expr, read.from, end, read.limit).pipe(
    map(({ streams }) => {
      const lines = new Map(read.lines);
      const equal = new Map<string, number>();
      const times = streams.map((stream) => addTo(lines, equal, stream));
      const found = streams.reduce((sum, stream) => sum + stream.lines.length, 0);
      const latest = Math.max(read.from, ...times);
      // A page that holds one millisecond and no more needs more room.
      const limit = latest > read.from ? linesAtOnce : read.limit * 2;
      return { from: latest, limit, lines, isDone: found < read.limit };
    })
  );
}

/** Adds the lines of a stream (`equal` counts those of the page), and gives the time of the last one, in ms since the epoch. */
function addTo(all: Map<string, string>, equal: Map<string, number>, { labels, lines }: LineStream): number {
  const stream = JSON.stringify(labels);
  let latest = 0;
  for (const [time, text] of lines) {
    const key = `${time} ${stream} ${text}`;
    const before = equal.get(key) ?? 0;
    equal.set(key, before + 1);
    all.set(`${before} ${key}`, text);
    latest = Math.max(latest, millisecondOf(time));
  }
  return latest;
}
