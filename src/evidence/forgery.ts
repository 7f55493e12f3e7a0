import { forkJoin, map, type Observable, of, switchMap } from 'rxjs';

import { unknownCountry } from '../domain/countries';
import { isStoragePrincipal } from '../domain/requestLine';
import { clip, type Span } from '../domain/span';
import { type Suspicion, suspicions } from '../domain/suspiciousLine';
import { ingressCallsExpr, type LineFamily, foreignExpr, suspectsExpr } from '../expr/logql';
import { type LedgerView } from '../ledger/ledger';
import { pageTurns, type Work } from '../turns';
import { type LokiClient } from '../upstream/loki';
import { Sharing } from '../upstream/sharing';
import { daysOf, quietDays } from './days';
import { countsInWindows, type ExprOf } from './presence';

/** Lines that arouse a suspicion, on days or parts of days of the range, ascending. */
export interface Suspects {
  lines: number;
  days: Span[];
}

/** A user who is there in one window only, and how many requests that are. Both ends of the window as of a cell. */
export interface Burst extends Span {
  requests: number;
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

/** More requests than this of one user in one window are worth a word, if there are none in the others. */
const manyRequests = 1000;

/** Days over which two logs are compared: as many as one query can look at. */
const mostComparedDays = 29;

/** Looks for traces of forged lines. Counts of days that can no longer change are kept. */
export class ForgeryWitness {
  /** By expression and window. */
  private readonly settled = new Map<string, number>();
  private readonly shared: Sharing<ReadonlyMap<Span, number>>;
  private readonly read = new WeakMap<LedgerView, Traces>();

  constructor(now: () => number) {
    this.shared = new Sharing(now);
  }

  /** Emits once. Errors where Loki does. `longestMs` is Loki's `max_query_length`. */
  ask(client: LokiClient, question: ForgeryQuestion, longestMs: number): Observable<ForgeryEvidence> {
    const { family } = question;
    if (family.suspects === undefined) {
      return of({ suspects: {}, bursts: [] });
    }
    const own = { ...family, suspects: family.suspects };
    return this.tracesOf(question).pipe(
      switchMap((traces) =>
        forkJoin({
          suspects: this.suspects(client, own, question, longestMs),
          bursts: of(traces.bursts),
          calls: this.calls(client, traces, question, longestMs),
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
      .run(() => readTraces(view, comparedDays(view.span, zone, settledUntil)))
      .pipe(
        map((traces) => {
          this.read.set(view, traces);
          return traces;
        })
      );
  }

  /** On most days there is nothing, so that whole days are asked about first, and for whatever reason. */
  private suspects(
    client: LokiClient,
    family: LineFamily & { suspects: string },
    question: ForgeryQuestion,
    longestMs: number
  ): Observable<ForgeryEvidence['suspects']> {
    const { view, zone, now } = question;
    const quiet = new Set(quietDays(view, zone, now).map(({ start }) => start));
    const busy = daysOf(view.span, zone).filter(({ start }) => start < now && !quiet.has(start));
    const exprOf: ExprOf = (windowMs, offsetMs) => suspectsExpr(family, windowMs, offsetMs);
    return this.counts(client, 'suspects', exprOf, busy, question, longestMs).pipe(
      switchMap((counts) => {
        const found = busy.filter((day) => (counts.get(day) ?? 0) > 0);
        if (found.length === 0) {
          return of({});
        }
        const parts = clip(found, view.span);
        return forkJoin(
          Object.fromEntries(
            suspicions.map((suspicion) => {
              const own: ExprOf = (windowMs, offsetMs) => suspectsExpr(family, windowMs, offsetMs, suspicion);
              return [suspicion, this.counts(client, suspicion, own, parts, question, longestMs).pipe(map(sumOf))];
            })
          ) as Record<Suspicion, Observable<Suspects>>
        );
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
    longestMs: number
  ): Observable<Suspects | undefined> {
    const { family, view, now } = question;
    if (family.suspects === undefined || days.length === 0) {
      return of(undefined);
    }
    const parts = clip(days, { start: view.span.start, end: Math.min(view.span.end, now) });
    const exprOf: ExprOf = (windowMs, offsetMs) => foreignExpr(family.selector, windowMs, offsetMs);
    return this.counts(client, 'foreign', exprOf, parts, question, longestMs).pipe(map(sumOf));
  }

  private calls(
    client: LokiClient,
    { days, calls }: Traces,
    question: ForgeryQuestion,
    longestMs: number
  ): Observable<ForgeryEvidence['calls']> {
    const { ingressSelector } = question;
    if (ingressSelector === '' || calls === 0) {
      return of(undefined);
    }
    const exprOf: ExprOf = (windowMs, offsetMs) => ingressCallsExpr(ingressSelector, windowMs, offsetMs);
    return this.counts(client, `ingress ${ingressSelector}`, exprOf, days, question, longestMs).pipe(
      map((counts) => ({ ingress: sumOf(counts).lines, manager: calls }))
    );
  }

  /** Counts of windows; `name` names the expression. */
  private counts(
    client: LokiClient,
    name: string,
    exprOf: ExprOf,
    windows: readonly Span[],
    { family, now, settleDelayMs, readAgain }: ForgeryQuestion,
    longestMs: number
  ): Observable<ReadonlyMap<Span, number>> {
    const key = JSON.stringify([client.uid, family.selector, family.suspects, name]);
    const keyOf = ({ start, end }: Span) => `${key} ${start}-${end}`;
    const open = windows.filter((window) => readAgain || !this.settled.has(keyOf(window)));
    const asked$: Observable<ReadonlyMap<Span, number>> =
      open.length === 0
        ? of(new Map<Span, number>())
        : this.shared.get(open.map(keyOf).join(), () => countsInWindows(client, exprOf, open, longestMs));
    return asked$.pipe(
      map((counts) => {
        // Others who asked the same have windows of their own.
        const found = new Map([...counts].map(([window, count]) => [keyOf(window), count]));
        return new Map(
          windows.map((window) => {
            const count = found.get(keyOf(window)) ?? this.settled.get(keyOf(window)) ?? 0;
            if (window.end <= now - settleDelayMs) {
              this.settled.set(keyOf(window), count);
            }
            return [window, count];
          })
        );
      })
    );
  }
}

/** Whole days of the range that can no longer change, the latest ones; or what there is of one, if there is no whole one. */
function comparedDays(span: Span, zone: string, settledUntil: number): Span[] {
  const past = { start: span.start, end: Math.min(span.end, settledUntil) };
  const days = daysOf(past, zone);
  const whole = days.filter(({ start, end }) => start >= past.start && end <= past.end);
  return whole.length > 0 ? whole.slice(-mostComparedDays) : clip(days, past);
}

function sumOf(counts: ReadonlyMap<Span, number>): Suspects {
  const found = [...counts].filter(([, count]) => count > 0);
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

/** Public addresses are those that have a country (contract rule 7). */
function* readTraces({ cells, table }: LedgerView, days: readonly Span[]): Work<Traces> {
  const users = table.dictionary('user').names;
  const isStorage = Uint8Array.from(users, (user) => (isStoragePrincipal(user) ? 1 : 0));
  const isPublic = Uint8Array.from(table.dictionary('country').names, (name) => (name === unknownCountry ? 0 : 1));
  const userOf = table.column('user');
  const countryOf = table.column('country');
  const requests = new Float64Array(users.length);
  const firstCell = new Int32Array(users.length).fill(-1);
  const isElsewhere = new Uint8Array(users.length);
  const candidates: Array<{ user: number; burst: Burst }> = [];
  let busyCells = 0;
  let calls = 0;
  for (const [index, { start, end, ids, counts }] of cells.entries()) {
    const isCompared = days.some((day) => start >= day.start && end <= day.end);
    const seen = new Set<number>();
    for (let position = 0; position < ids.length; position += 1) {
      const id = ids[position] as number;
      const count = counts[position] as number;
      const user = userOf.at(id);
      if (isCompared && isPublic[countryOf.at(id)] === 1 && isStorage[user] === 0) {
        calls += count;
      }
      if (firstCell[user] === -1) {
        firstCell[user] = index;
      } else if (firstCell[user] !== index) {
        isElsewhere[user] = 1;
      }
      requests[user] = (requests[user] as number) + count;
      seen.add(user);
    }
    for (const user of seen) {
      const own = requests[user] as number;
      requests[user] = 0;
      if (own > manyRequests && isElsewhere[user] === 0 && users[user] !== '') {
        candidates.push({ user, burst: { start, end, requests: own } });
      }
    }
    busyCells += ids.length > 0 ? 1 : 0;
    yield;
  }
  const bursts = candidates.filter(({ user }) => isElsewhere[user] === 0).map(({ burst }) => burst);
  // Of a single window, nobody is absent from the rest.
  return { bursts: busyCells > 1 ? bursts : [], days, calls };
}
