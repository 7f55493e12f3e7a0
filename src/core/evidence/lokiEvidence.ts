import { catchError, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { maskedLine } from '../domain/maskedLine';
import { isEmpty, type Span } from '../domain/span';
import { entriesExpr } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { defaultLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { Sharing } from '../upstream/sharing';
import { type StatedLimits } from '../upstream/statedLimits';
import { quietDays, windowOfDay } from './days';
import { type ForgeryEvidence, type ForgeryQuestion, ForgeryWitness, type Suspects } from './forgery';
import { windowsWithLines } from './presence';

/** What Loki says beside the counts of a range. Undefined: not asked, because the counts needed no proof. */
export interface LokiEvidence {
  /** How long Loki keeps lines; undefined when it does not say, or keeps them for ever. */
  retentionMs?: number;
  /** True when lines much older than the retention are still there, so that it is not applied to them. */
  keepsOlder?: boolean;
  /** Days of the range without a single line of the selector, whole, ascending. */
  silentDays: Span[];
  /** True when there are lines in the 30 days before the range. */
  hasEarlier?: boolean;
  /** Time of the first line of the range, in ms. */
  firstLine?: number;
  /** Lines whose time lies ahead of the clock. */
  linesAhead: number;
  /** The form of some of the lines that could not be understood (`maskedLine`); empty where nobody asks for them. */
  examples: string[];
  /** Why it is not known which days have lines. */
  failure?: string;
  /** Lines on days without a request that name the executions logger, and are not of its form. */
  foreign?: Suspects;
  /** What tells of lines that others than OSCAR wrote, or why that is not known. */
  forgery?: ForgeryEvidence | { failure: string };
}

export interface EvidenceQuestion extends ForgeryQuestion {
  /** True to ask for examples of lines that could not be understood. */
  examples?: boolean;
}

/** Clocks may differ by this much without harm. */
const toleratedSkewMs = minuteMs;

/** A range that begins this little before the end of the retention is not worth a word. */
export const retentionToleranceMs = 5 * minuteMs;

const monthMs = 30 * dayMs;
const maxExampleLength = 300;
const maxExamples = 3;

/**
 * Asks Loki for what counts alone can't prove. Days without a request are the only ones looked at; answers that no
 * longer change are kept, and panels of one refresh share the others.
 */
export class LokiWitness {
  /** Windows that are known to hold lines, by data source and selector. */
  private readonly proven = new Map<string, Set<string>>();
  private readonly lists: Sharing<Span[]>;
  private readonly answers: Sharing<boolean>;
  private readonly numbers: Sharing<number>;
  private readonly lines: Sharing<string[]>;
  private readonly forgeries: ForgeryWitness;

  constructor(
    now: () => number,
    private readonly limits: StatedLimits
  ) {
    this.lists = new Sharing(now);
    this.answers = new Sharing(now);
    this.numbers = new Sharing(now);
    this.lines = new Sharing(now);
    this.forgeries = new ForgeryWitness(now);
  }

  /** Forgets all answers. */
  clear(): void {
    this.proven.clear();
    [this.lists, this.answers, this.numbers, this.lines, this.forgeries].forEach((answers) => answers.clear());
  }

  /** Emits once. Never errors: what could not be asked is said. */
  ask(client: LokiClient, question: EvidenceQuestion): Observable<LokiEvidence> {
    const { view, family, now } = question;
    return this.limits.of(client).pipe(
      switchMap((limits) => {
        const maxLengthMs = Math.min(limits.maxLengthMs ?? defaultLimits().maxLengthMs, monthMs);
        const { retentionMs } = limits;
        return forkJoin({
          retentionMs: of(retentionMs),
          keepsOlder: this.keepsOlder(client, family.selector, view.span, retentionMs, now, maxLengthMs),
          days: this.days(client, question, maxLengthMs),
          linesAhead: this.linesAhead(client, family.selector, view.span, now),
          examples: this.examples(client, question),
          forgery: this.forgeries
            .ask(client, question, maxLengthMs)
            .pipe(catchError((error: unknown) => of({ failure: toUpstreamError(error).message }))),
        });
      }),
      map(({ days, ...rest }) => ({ ...rest, ...days }))
    );
  }

  private keepsOlder(
    client: LokiClient,
    selector: string,
    span: Span,
    retentionMs: number | undefined,
    now: number,
    maxLengthMs: number
  ): Observable<boolean | undefined> {
    if (retentionMs === undefined || span.start >= now - retentionMs - retentionToleranceMs) {
      return of(undefined);
    }
    // By the hour, so that the question stays the same for a while. A week, because a compactor takes its time, and because
    // it drops chunks as a whole: one of a stream with few lines may reach days back.
    const end = Math.floor((now - retentionMs - 7 * dayMs) / hourMs) * hourMs;
    return this.hasStreams(client, selector, { start: end - monthMs, end }, maxLengthMs);
  }

  private days(
    client: LokiClient,
    question: EvidenceQuestion,
    maxLengthMs: number
  ): Observable<Pick<LokiEvidence, 'silentDays' | 'hasEarlier' | 'firstLine' | 'foreign' | 'failure'>> {
    const { family, view, zone, now } = question;
    const quiet = quietDays(view, zone, now);
    if (quiet.length === 0) {
      return of({ silentDays: [] });
    }
    return this.silentAmong(client, family.selector, quiet, now, maxLengthMs).pipe(
      switchMap((silentDays) =>
        forkJoin({
          beginning: this.beginning(client, family.selector, view.span, silentDays, maxLengthMs),
          foreign: this.forgeries.foreign(client, question, without(quiet, silentDays), maxLengthMs),
        })
      ),
      map(({ beginning, foreign }) => ({ ...beginning, ...(foreign && { foreign }) })),
      catchError((error: unknown) => of({ silentDays: [], failure: toUpstreamError(error).message }))
    );
  }

  /** Days without any line, of those without a request. */
  private silentAmong(
    client: LokiClient,
    selector: string,
    days: readonly Span[],
    now: number,
    maxLengthMs: number
  ): Observable<Span[]> {
    const key = JSON.stringify([client.uid, selector]);
    const proven = this.proven.get(key) ?? new Set<string>();
    this.proven.set(key, proven);
    const windows = new Map(days.map((day) => [windowOfDay(day, now), day] as const));
    const open = [...windows.keys()].filter((window) => !proven.has(nameOf(window)));
    if (open.length === 0) {
      return of([]);
    }
    return this.lists
      .get(`${key} ${open.map(nameOf).join()}`, () => windowsWithLines(client, selector, open, maxLengthMs))
      .pipe(
        map((found) => {
          const names = new Set(found.map(nameOf));
          // Only of a day that is over; the last 24 hours are others every minute.
          found.filter((window) => windows.get(window)?.end === window.end).forEach((one) => proven.add(nameOf(one)));
          return open.filter((window) => !names.has(nameOf(window))).map((window) => windows.get(window) ?? window);
        })
      );
  }

  /** When the range begins with days without a line: whether the store is younger than that, or was silent. */
  private beginning(
    client: LokiClient,
    selector: string,
    { start, end }: Span,
    silentDays: Span[],
    maxLengthMs: number
  ): Observable<Pick<LokiEvidence, 'silentDays' | 'hasEarlier' | 'firstLine'>> {
    const first = silentDays[0];
    if (!first || first.start > start) {
      return of({ silentDays });
    }
    return this.hasStreams(client, selector, { start: start - monthMs, end: start }, maxLengthMs).pipe(
      switchMap((hasEarlier) => {
        const after = endOfRun(silentDays);
        if (hasEarlier !== false || after >= end) {
          return of({ silentDays, hasEarlier });
        }
        return this.firstLine(client, selector, { start: after, end: Math.min(end, after + 2 * dayMs) }).pipe(
          map((firstLine) => ({ silentDays, hasEarlier, ...(firstLine > 0 && { firstLine }) }))
        );
      })
    );
  }

  private firstLine(client: LokiClient, selector: string, span: Span): Observable<number> {
    return this.numbers
      .get(JSON.stringify([client.uid, selector, 'first', span]), () =>
        client.firstLines(selector, span.start, span.end, 1).pipe(map(([line]) => line?.time ?? 0))
      )
      .pipe(catchError(() => of(0)));
  }

  /** Undefined when Loki does not say. */
  private hasStreams(
    client: LokiClient,
    selector: string,
    span: Span,
    maxLengthMs: number
  ): Observable<boolean | undefined> {
    return this.answers
      .get(JSON.stringify([client.uid, selector, span, maxLengthMs]), () =>
        client.hasStreams(selector, span.start, span.end, maxLengthMs)
      )
      .pipe(catchError(() => of(undefined)));
  }

  /** Only for a range that reaches the present; what is so recent is in Loki's memory. */
  private linesAhead(client: LokiClient, selector: string, span: Span, now: number): Observable<number> {
    if (span.end < now - hourMs) {
      return of(0);
    }
    const end = Math.floor(now / toleratedSkewMs) * toleratedSkewMs + hourMs;
    const length = end - now - toleratedSkewMs;
    const expr = entriesExpr(selector, length, 1);
    return this.numbers
      .get(JSON.stringify([client.uid, selector, 'ahead', end]), () =>
        client
          .counts(expr, end, end, 1)
          .pipe(
            map(({ series }) => series.flatMap(({ samples }) => samples).reduce((sum, [, count]) => sum + count, 0))
          )
      )
      .pipe(catchError(() => of(0)));
  }

  private examples(client: LokiClient, { family, view, examples = false }: EvidenceQuestion): Observable<string[]> {
    const cell = examples ? view.cells.find(({ unparsed }) => unparsed > 0) : undefined;
    if (!cell || isEmpty(cell)) {
      return of([]);
    }
    const expr = `${family.selector} ${family.filters} ${family.parser} ${family.notUnderstood}`;
    return this.lines
      .get(JSON.stringify([client.uid, expr, cell.start, cell.end]), () =>
        client
          .firstLines(expr, cell.start, cell.end, maxExamples)
          .pipe(map((lines) => lines.map(({ text }) => maskedLine(text).slice(0, maxExampleLength))))
      )
      .pipe(catchError(() => of([])));
  }
}

/** End of the days that follow the first one without a break. */
export function endOfRun(days: readonly Span[]): number {
  let end = days[0]?.end ?? 0;
  for (const day of days) {
    end = day.start === end ? day.end : end;
  }
  return end;
}

/** The days that are not among others. */
function without(days: readonly Span[], others: readonly Span[]): Span[] {
  const starts = new Set(others.map(({ start }) => start));
  return days.filter(({ start }) => !starts.has(start));
}

function nameOf({ start, end }: Span): string {
  return `${start}-${end}`;
}
