import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { hourMs } from '../domain/duration';
import { clip, type Span, unionOf } from '../domain/span';
import { type Suspicion, suspicions } from '../domain/suspiciousLine';
import { foreignExpr, ingressCallsExpr, type LineFamily, suspectsExpr, suspicionLabel } from '../expr/logql';
import { type LedgerView } from '../requests/ledger';
import { pageTurns } from '../runtime/turns';
import { type LokiClient } from '../upstream/loki';
import { isRecent, Sharing } from '../upstream/sharing';
import { busyDays, daysOf, isLogged } from './days';
import { type Counts, countsInWindows, type ExprOf, type Grouping, type Sum, totalOf } from './presence';
import { type Burst, burstsIn, publicRequestsIn } from './traces';

/** Lines that arouse a suspicion, on days or parts of days of the range, ascending. */
export interface Suspects {
  lines: number;
  days: Span[];
}

/** What tells of lines that others than OSCAR wrote. */
export interface ForgeryEvidence {
  suspects: Partial<Record<Suspicion, Suspects>>;
  bursts: readonly Burst[];
  /** Calls of the manager over some days by the ingress controller's log, and by the manager's from public addresses. */
  calls?: { ingress: number; manager: number };
}

export interface ForgeryQuestion {
  family: LineFamily;
  view: LedgerView;
  zone: string;
  /** ms since the epoch. */
  now: number;
  /** Lines may arrive this late. */
  settleDelayMs: number;
  /** LogQL stream selector of the ingress controller's lines; empty where they are not collected. */
  ingressSelector: string;
  /** Asks again about what is known already. */
  readAgain: boolean;
}

const bySuspicion: Grouping = { label: suspicionLabel, values: suspicions };

/** What is counted, and the name that it is remembered by. */
interface NamedSum extends Sum {
  name: string;
}

/** Days over which two logs are compared: as many as one query can look at. */
const maxComparedDays = 29;

/** Looks for traces of forged lines. Counts of days that can no longer change are kept. */
export class ForgeryWitness {
  /** By expression and window. */
  private readonly settled = new Map<string, Counts>();
  /** The same of windows that may still change, for the panels of one refresh; `at` in ms since the epoch. */
  private readonly recent = new Map<string, { count: Counts; at: number }>();
  /** Up to when nothing on a day that is not over arouses a suspicion, nor will any more. */
  private readonly cleanUntil = new Map<string, number>();
  private readonly shared: Sharing<ReadonlyMap<Span, Counts>>;
  private readonly read = new WeakMap<LedgerView, Traces>();

  constructor(private readonly now: () => number) {
    this.shared = new Sharing(now);
  }

  /** Forgets all answers. */
  clear(): void {
    this.settled.clear();
    this.recent.clear();
    this.cleanUntil.clear();
    this.shared.clear();
  }

  /** Emits once. Errors where Loki does. `maxLengthMs` is Loki's `max_query_length`. */
  ask(client: LokiClient, question: ForgeryQuestion, maxLengthMs: number): Observable<ForgeryEvidence> {
    const { family } = question;
    if (family.suspects === undefined) {
      return of({ suspects: {}, bursts: [] });
    }
    const own = { ...family, suspects: family.suspects };
    return this.tracesOf(question).pipe(
      switchMap((traces) =>
        forkJoin({
          suspects: this.suspects(client, own, question, maxLengthMs),
          bursts: of(traces.bursts),
          calls: this.calls(client, traces, question, maxLengthMs),
        })
      )
    );
  }

  private tracesOf({ view, zone, now, settleDelayMs }: ForgeryQuestion): Observable<Traces> {
    const known = this.read.get(view);
    if (known) {
      return of(known);
    }
    const settledUntil = now - settleDelayMs;
    return pageTurns
      .run(function* () {
        const days = comparedDays(view, zone, settledUntil);
        return { bursts: yield* burstsIn(view), days, calls: yield* publicRequestsIn(view, days) };
      })
      .pipe(
        map((traces) => {
          this.read.set(view, traces);
          return traces;
        })
      );
  }

  /** On most days there is nothing, so that whole days are asked about first, and of those that found some what the range has of them. */
  private suspects(
    client: LokiClient,
    family: LineFamily & { suspects: string },
    question: ForgeryQuestion,
    maxLengthMs: number
  ): Observable<ForgeryEvidence['suspects']> {
    const { view, zone, readAgain } = question;
    const nameOf = ({ end }: Span) => JSON.stringify([client.uid, family.selector, family.suspects, zone, end]);
    const exprOf: ExprOf = (windowMs, offsetMs) => suspectsExpr(family, windowMs, offsetMs);
    const ask = (windows: readonly Span[]) =>
      this.counts(
        client,
        { name: 'suspects', selector: family.selector, exprOf, grouping: bySuspicion },
        windows,
        question,
        maxLengthMs
      );
    const open = busyDays(view, zone).map((day) => ({
      start: readAgain ? day.start : (this.cleanUntil.get(nameOf(day)) ?? day.start),
      end: day.end,
    }));
    return ask(open).pipe(
      switchMap((counts) => {
        for (const [window, count] of counts) {
          const settled = hourBefore(question.now - question.settleDelayMs);
          if (totalOf(count) === 0 && settled > window.start && settled < window.end) {
            this.cleanUntil.set(nameOf(window), settled);
          }
        }
        const found = [...counts].filter(([, count]) => totalOf(count) > 0);
        const isInside = ({ start, end }: Span) => start >= view.span.start && end <= view.span.end;
        const inside = found.filter(([day]) => isInside(day));
        const parts = found.map(([day]) => day).filter((day) => !isInside(day));
        return ask(clip(parts, view.span)).pipe(map((some) => new Map([...inside, ...some].sort(byStart))));
      }),
      map((counts) => {
        const each = suspicions.map((suspicion) => [suspicion, sumOf(counts, suspicion)] as const);
        return Object.fromEntries(each.filter(([, { lines }]) => lines > 0));
      })
    );
  }

  /**
   * Lines with the logger's name that are not of its form, on days without a request: where nothing is understood, the logger may
   * write in another form. Emits once. Errors where Loki does.
   */
  foreign(
    client: LokiClient,
    question: ForgeryQuestion,
    days: readonly Span[],
    maxLengthMs: number
  ): Observable<Suspects | undefined> {
    const { family, view, now } = question;
    if (family.suspects === undefined || days.length === 0) {
      return of(undefined);
    }
    const parts = clip(days, { start: view.span.start, end: Math.min(view.span.end, now) });
    const exprOf: ExprOf = (windowMs, offsetMs) => foreignExpr(family.selector, windowMs, offsetMs);
    return this.counts(
      client,
      { name: 'foreign', selector: family.selector, exprOf },
      parts,
      question,
      maxLengthMs
    ).pipe(map((counts) => sumOf(counts)));
  }

  private calls(
    client: LokiClient,
    { days, calls }: Traces,
    question: ForgeryQuestion,
    maxLengthMs: number
  ): Observable<ForgeryEvidence['calls']> {
    const { ingressSelector } = question;
    if (ingressSelector === '' || calls === 0) {
      return of(undefined);
    }
    const exprOf: ExprOf = (windowMs, offsetMs) => ingressCallsExpr(ingressSelector, windowMs, offsetMs);
    const sum = { name: `ingress ${ingressSelector}`, selector: ingressSelector, exprOf };
    return this.counts(client, sum, days, question, maxLengthMs).pipe(
      map((counts) => ({ ingress: sumOf(counts).lines, manager: calls }))
    );
  }

  /** Those of the counts that are known for good, or still fresh. */
  private knownAmong(keys: readonly string[]): Map<string, Counts> {
    for (const [key, { at }] of this.recent) {
      if (!isRecent(at, this.now())) {
        this.recent.delete(key);
      }
    }
    const counts = keys.map((key) => [key, this.settled.get(key) ?? this.recent.get(key)?.count] as const);
    return new Map(counts.filter((entry): entry is [string, Counts] => entry[1] !== undefined));
  }

  /** Counts of windows. */
  private counts(
    client: LokiClient,
    sum: NamedSum,
    windows: readonly Span[],
    { family, now, settleDelayMs, readAgain }: ForgeryQuestion,
    maxLengthMs: number
  ): Observable<ReadonlyMap<Span, Counts>> {
    const key = JSON.stringify([client.uid, family.selector, family.suspects, sum.name]);
    const keyOf = ({ start, end }: Span) => `${key} ${start}-${end}`;
    // Taken now: what is fresh may not be so any more when Loki has told the rest.
    const known = readAgain ? new Map<string, Counts>() : this.knownAmong(windows.map(keyOf));
    const open = windows.filter((window) => !known.has(keyOf(window)));
    const asked$: Observable<ReadonlyMap<Span, Counts>> =
      open.length === 0
        ? of(new Map<Span, Counts>())
        : this.shared.get(open.map(keyOf).join(), () => countsInWindows(client, sum, open, maxLengthMs));
    return asked$.pipe(
      map((counts) => {
        // Others who asked the same have windows of their own.
        const found = new Map([...counts].map(([window, count]) => [keyOf(window), count]));
        return new Map(
          windows.map((window) => {
            const count = found.get(keyOf(window)) ?? known.get(keyOf(window)) ?? {};
            if (window.end <= now - settleDelayMs) {
              this.settled.set(keyOf(window), count);
            } else if (found.has(keyOf(window))) {
              this.recent.set(keyOf(window), { count, at: this.now() });
            }
            return [window, count];
          })
        );
      })
    );
  }
}

/**
 * Whole days of the range that were read from log lines and can no longer change, the latest ones; or what there is of one, if there is
 * no whole one.
 */
function comparedDays({ span, cells }: LedgerView, zone: string, settledUntil: number): Span[] {
  const past = { start: span.start, end: Math.min(span.end, settledUntil) };
  const days = daysOf(past, zone);
  const recorded = unionOf(cells.filter((cell) => !isLogged(cell)));
  const isRead = (day: Span) => clip(recorded, day).length === 0;
  const whole = days.filter((day) => day.start >= past.start && day.end <= past.end && isRead(day));
  return whole.length > 0 ? whole.slice(-maxComparedDays) : clip(days, past).filter(isRead);
}

function hourBefore(time: number): number {
  return time - (time % hourMs);
}

function byStart([a]: readonly [Span, unknown], [b]: readonly [Span, unknown]): number {
  return a.start - b.start;
}

/** The lines of all windows, or those with one value of the label. */
function sumOf(counts: ReadonlyMap<Span, Counts>, value?: string): Suspects {
  const linesOf = (count: Counts) => (value === undefined ? totalOf(count) : (count[value] ?? 0));
  const found = [...counts]
    .map(([window, count]) => [window, linesOf(count)] as const)
    .filter(([, lines]) => lines > 0);
  return { lines: found.reduce((sum, [, count]) => sum + count, 0), days: found.map(([window]) => window) };
}

/** What the counts themselves tell. */
interface Traces {
  bursts: Burst[];
  /** The days that are compared with another log. */
  days: readonly Span[];
  /** Requests on these days from public addresses, other than those of a storage. */
  calls: number;
}
