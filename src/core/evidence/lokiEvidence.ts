import { catchError, forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { maskedLine } from '../domain/maskedLine';
import { gapsIn, isEmpty, type Span } from '../domain/span';
import { entriesExpr } from '../expr/logql';
import { toUpstreamError } from '../upstream/errors';
import { defaultLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';
import { Sharing } from '../upstream/sharing';
import { type StatedLimits } from '../upstream/statedLimits';
import { isLogged, quietDays, windowOfDay } from './days';
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
  /** Whether windows that are over hold lines, by data source and selector. */
  private readonly known = new Map<string, Map<string, boolean>>();
  private readonly lists: Sharing<Span[]>;
  private readonly streams: Answers<boolean>;
  private readonly firstLines: Answers<number>;
  private readonly numbers: Sharing<number>;
  private readonly lines: Sharing<string[]>;
  private readonly forgeries: ForgeryWitness;

  constructor(
    now: () => number,
    private readonly limits: StatedLimits
  ) {
    this.lists = new Sharing(now);
    this.streams = new Answers(now);
    this.firstLines = new Answers(now);
    this.numbers = new Sharing(now);
    this.lines = new Sharing(now);
    this.forgeries = new ForgeryWitness(now);
  }

  /** Forgets all answers. */
  clear(): void {
    this.known.clear();
    [this.lists, this.streams, this.firstLines, this.numbers, this.lines, this.forgeries].forEach((answers) =>
      answers.clear()
    );
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
          keepsOlder: this.keepsOlder(client, question, retentionMs, maxLengthMs),
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
    question: EvidenceQuestion,
    retentionMs: number | undefined,
    maxLengthMs: number
  ): Observable<boolean | undefined> {
    const { now, view } = question;
    const [logged] = loggedSpans(view);
    if (retentionMs === undefined || !logged || logged.start >= now - retentionMs - retentionToleranceMs) {
      return of(undefined);
    }
    // By the hour, so that the question stays the same for a while. A week, because a compactor takes its time, and because
    // it drops chunks as a whole: one of a stream with few lines may reach days back.
    const end = Math.floor((now - retentionMs - 7 * dayMs) / hourMs) * hourMs;
    return this.hasStreams(client, question, { start: end - monthMs, end }, maxLengthMs);
  }

  private days(
    client: LokiClient,
    question: EvidenceQuestion,
    maxLengthMs: number
  ): Observable<Pick<LokiEvidence, 'silentDays' | 'hasEarlier' | 'firstLine' | 'foreign' | 'failure'>> {
    const { view, zone, now } = question;
    const quiet = quietDays(view, zone, now);
    if (quiet.length === 0) {
      return of({ silentDays: [] });
    }
    return this.silentAmong(client, question, quiet, maxLengthMs).pipe(
      switchMap((silentDays) =>
        forkJoin({
          beginning: this.beginning(client, question, silentDays, maxLengthMs),
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
    { family: { selector }, now, settleDelayMs, readAgain }: EvidenceQuestion,
    days: readonly Span[],
    maxLengthMs: number
  ): Observable<Span[]> {
    const key = JSON.stringify([client.uid, selector]);
    const known = this.known.get(key) ?? new Map<string, boolean>();
    this.known.set(key, known);
    const windows = days.map((day) => ({ day, window: windowOfDay(day, now) }));
    const holdsLines = ({ window }: { window: Span }) => (readAgain ? undefined : known.get(nameOf(window)));
    // Taken now: the list is complete whatever others come to know meanwhile.
    const silent = windows.filter((one) => holdsLines(one) === false).map(({ day }) => day);
    const open = windows.filter((one) => holdsLines(one) === undefined);
    if (open.length === 0) {
      return of(silent);
    }
    const asked = open.map(({ window }) => window);
    return this.lists
      .get(`${key} ${asked.map(nameOf).join()}`, () => windowsWithLines(client, selector, asked, maxLengthMs))
      .pipe(
        map((found) => {
          const names = new Set(found.map(nameOf));
          for (const { day, window } of open) {
            const hasLines = names.has(nameOf(window));
            // Only of a day that is over, because the last 24 hours are others every minute; and lines may arrive late.
            if (day.end === window.end && (hasLines || isSettled(day, { now, settleDelayMs }))) {
              known.set(nameOf(window), hasLines);
            }
          }
          const isSilent = new Set([
            ...silent,
            ...open.filter(({ window }) => !names.has(nameOf(window))).map(({ day }) => day),
          ]);
          return days.filter((day) => isSilent.has(day));
        })
      );
  }

  /** When the range begins with days without a line: whether the store is younger than that, or was silent. */
  private beginning(
    client: LokiClient,
    question: EvidenceQuestion,
    silentDays: Span[],
    maxLengthMs: number
  ): Observable<Pick<LokiEvidence, 'silentDays' | 'hasEarlier' | 'firstLine'>> {
    const { start, end } = question.view.span;
    const first = silentDays[0];
    if (!first || first.start > start) {
      return of({ silentDays });
    }
    // Up to the start of the day, which is silent as a whole: the same question for all ranges that begin within it.
    const before = { start: first.start - monthMs, end: first.start };
    return this.hasStreams(client, question, before, maxLengthMs).pipe(
      switchMap((hasEarlier) => {
        const after = endOfRun(silentDays);
        if (hasEarlier !== false || after >= end) {
          return of({ silentDays, hasEarlier });
        }
        return this.firstLine(client, question, { start: after, end: Math.min(end, after + 2 * dayMs) }).pipe(
          map((firstLine) => ({ silentDays, hasEarlier, ...(firstLine > 0 && { firstLine }) }))
        );
      })
    );
  }

  private firstLine(client: LokiClient, question: EvidenceQuestion, span: Span): Observable<number> {
    const { selector } = question.family;
    return this.firstLines
      .get(JSON.stringify([client.uid, selector, span]), span, question, () =>
        client.firstLines(selector, span.start, span.end, 1).pipe(map(([line]) => line?.time ?? 0))
      )
      .pipe(catchError(() => of(0)));
  }

  /** Undefined when Loki does not say. */
  private hasStreams(
    client: LokiClient,
    question: EvidenceQuestion,
    span: Span,
    maxLengthMs: number
  ): Observable<boolean | undefined> {
    const { selector } = question.family;
    return this.streams
      .get(JSON.stringify([client.uid, selector, span, maxLengthMs]), span, question, () =>
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
    const cell = examples ? view.cells.find((one) => isLogged(one) && one.unparsed > 0) : undefined;
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

/** The parts of a view that no usage record gave, ascending. */
function loggedSpans({ span, cells }: EvidenceQuestion['view']): Span[] {
  return gapsIn(
    span,
    cells.filter((cell) => !isLogged(cell))
  );
}

/** Answers of which those that can no longer change are kept, and others serve for a moment. */
class Answers<T> {
  private readonly settled: Sharing<T>;
  private readonly recent: Sharing<T>;

  constructor(now: () => number) {
    this.settled = new Sharing(now, { isWhole: () => true });
    this.recent = new Sharing(now);
  }

  get(key: string, span: Span, question: Settling, ask: () => Observable<T>): Observable<T> {
    if (question.readAgain) {
      this.settled.forget(key);
    }
    return (!question.readAgain && isSettled(span, question) ? this.settled : this.recent).get(key, ask);
  }

  clear(): void {
    this.settled.clear();
    this.recent.clear();
  }
}

type Settling = Pick<EvidenceQuestion, 'now' | 'settleDelayMs' | 'readAgain'>;

/** False where lines may still arrive. */
function isSettled({ end }: Span, { now, settleDelayMs }: Omit<Settling, 'readAgain'>): boolean {
  return end + settleDelayMs <= now;
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
