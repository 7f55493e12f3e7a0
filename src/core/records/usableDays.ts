import { catchError, EMPTY, expand, last, map, type Observable, of, switchMap } from 'rxjs';

import { dayMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { type LineFamily } from '../expr/logql';
import { defaultLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { type StatedLimits } from '../upstream/statedLimits';
import { countLines } from './lineCheck';
import { type ShapingSettings } from './patterns';
import { type Trust } from './readRecords';
import { type RecordArchive } from './recordArchive';
import { type BookedDay, bookedDays } from './recordBook';

/** How records are found and judged. */
export interface RecordSource {
  archive: RecordArchive;
  limits: StatedLimits;
  /** LogQL stream selector of the records. */
  selector: string;
  trust: Trust;
  settings: ShapingSettings;
  /** ms since the epoch. */
  now: () => number;
}

/** A day to be taken from its record. */
export interface UsableDay extends BookedDay {
  /** True where Loki no longer has the lines of the day, or not all of them, so that what the record lacks is not known. */
  areLinesGone: boolean;
}

/** The days of records that are to be used for some spans: those as good as the logs, and others where the logs are gone. Errors as the queries do. */
export function usableDays(
  source: RecordSource,
  client: LokiClient,
  family: LineFamily,
  spans: readonly Span[],
  readAgain: boolean
): Observable<UsableDay[]> {
  const { archive, selector, trust, settings } = source;
  const span = { start: Math.min(...spans.map(({ start }) => start)), end: Math.max(...spans.map(({ end }) => end)) };
  return archive.find(client, { selector, trust, families: [family.id], span, readAgain }).pipe(
    switchMap((found) => {
      const days = bookedDays(found, family.id, settings);
      const open = days.filter((day) => day.origin.givesWay || isRagged(day, spans));
      return goneUntil(source, client, family, open).pipe(
        map((until) =>
          days
            .map((day) => ({ ...day, areLinesGone: day.origin.span.start < until }))
            .filter(({ origin, areLinesGone }) => areLinesGone || !origin.givesWay)
        ),
        switchMap((usable) => undisputed(source, client, family, usable))
      );
    })
  );
}

/** Days of the last week are compared with the lines that Loki holds now: late ones may have come. */
const comparedMs = 7 * dayMs;

/**
 * Days whose lines are those that were recorded, and all that are not compared. Where the lines could not be counted, it is not known
 * whether late ones came: the logs are to be read.
 */
function undisputed(
  { archive, limits, now }: RecordSource,
  client: LokiClient,
  family: LineFamily,
  days: readonly UsableDay[]
): Observable<UsableDay[]> {
  const isRecent = ({ origin: { span }, record, areLinesGone }: UsableDay) =>
    record.logLines !== undefined && span.end > now() - comparedMs && !areLinesGone;
  return limits.of(client).pipe(
    switchMap(({ retentionMs = Infinity }) => {
      const compared = days.filter((day) => isRecent(day) && day.origin.span.start > now() - retentionMs);
      const spans = compared.map(({ origin }) => origin.span);
      return countLines(client, family, spans).pipe(
        map((lines) =>
          compared.filter(({ origin: { day, span, recordedAt }, record: { logLines = 0 } }) => {
            const found = lines.get(span.start) ?? 0;
            const dispute = { day: span, recordedAt, recordedLines: logLines, lines: found };
            archive.dispute(family.id, day, found === logLines ? undefined : dispute);
            return found !== logLines;
          })
        ),
        catchError(() => of(compared)),
        map((given) => days.filter((day) => !given.includes(day)))
      );
    })
  );
}

/** True where a span has a part of the day only. */
function isRagged({ origin: { span: day } }: BookedDay, spans: readonly Span[]): boolean {
  return spans.some(({ start, end }) => (start > day.start && start < day.end) || (end > day.start && end < day.end));
}

/**
 * The time before which Loki no longer has the lines of some days (ascending), or not all of them: by the retention that it states, and
 * by its index, which may lag behind.
 */
function goneUntil(
  { limits, now }: RecordSource,
  client: LokiClient,
  { selector }: LineFamily,
  days: readonly BookedDay[]
): Observable<number> {
  const [first] = days;
  if (!first) {
    return of(-Infinity);
  }
  return limits.of(client).pipe(
    switchMap(({ retentionMs, maxLengthMs = defaultLimits().maxLengthMs }) => {
      if (retentionMs !== undefined) {
        return of(now() - retentionMs);
      }
      const hasLines = (to: number) => client.hasStreams(selector, first.origin.span.start, to, maxLengthMs);
      return firstWithLines(days, hasLines).pipe(
        // Of the first day that has lines, some may be gone; not where nothing before it is.
        map((index) => (index === 0 ? -Infinity : (days[index]?.origin.span.start ?? Infinity) + dayMs))
      );
    })
  );
}

/** The number of the first day up to whose end there are lines; that of days where there are none. */
function firstWithLines(days: readonly BookedDay[], hasLines: (to: number) => Observable<boolean>): Observable<number> {
  interface Search {
    from: number;
    to: number;
  }
  const next = ({ from, to }: Search): Observable<Search> => {
    if (from >= to) {
      return EMPTY;
    }
    const middle = Math.floor((from + to) / 2);
    const end = days[middle]?.origin.span.end ?? 0;
    return hasLines(end).pipe(map((has) => (has ? { from, to: middle } : { from: middle + 1, to })));
  };
  return of<Search>({ from: 0, to: days.length }).pipe(
    expand(next),
    last(),
    map(({ from }) => from)
  );
}
