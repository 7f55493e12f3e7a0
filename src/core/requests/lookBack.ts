import { catchError, concat, defer, EMPTY, expand, from, last, map, type Observable, of } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { amountOf } from '../domain/text';
import { type LineFamily } from '../expr/logql';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';
import { type CountReader, type ReadEvent, type ReadTarget } from './countReader';
import { type Estimate } from './estimate';

/** Clocks may differ, and a question waits for its turn while the edge moves. */
const slackMs = 10 * minuteMs;

/** What of the slack must be left when an answer is there. */
const leftMs = minuteMs;

/** How exactly the edge is looked for. */
const exactnessMs = hourMs;

/** How Loki answers about a time that may not be asked for. */
export const saysTooOld = ({ kind }: UpstreamError) => kind === 'empty' || kind === 'too-old';

/** How a family of lines is read from a Loki, and what was learned of both. */
export interface LokiSource {
  client: LokiClient;
  family: LineFamily;
  estimate: Estimate;
  /** ms since the epoch. */
  now: () => number;
}

/** One reading of it. */
export interface Reading extends LokiSource, Pick<ReadTarget, 'grid' | 'table'> {}

/** A reader that asks Loki for nothing that Loki would leave out without a word. */
export function lokiReader(
  source: LokiSource,
  read: (spans: readonly Span[], reading: Reading) => Observable<ReadEvent>
): CountReader {
  return {
    read: (spans, { grid, table, isFresh }) =>
      defer(() => {
        const client = isFresh ? source.client.fresh() : source.client;
        const { askable, early } = withinLookBack(spans, source);
        return concat(from(early), read(askable, { ...source, client, grid, table })).pipe(
          map((event) => checkedLookBack(event, source))
        );
      }),
  };
}

export function leave({ start, end }: Span, reason?: UpstreamError): ReadEvent {
  return { kind: 'left', span: { start, end }, ...(reason && { reason }) };
}

type Dependencies = Pick<LokiSource, 'estimate' | 'now'>;

/**
 * The first time that may be asked for (Loki's `max_query_lookback`), a whole hour, in ms since the epoch. What reaches back
 * over it is answered without a word about what was left out.
 */
function edgeOf({ estimate, now }: Dependencies): number {
  const { lookBackMs = Infinity } = estimate.limits;
  return lookBackMs === Infinity ? -Infinity : Math.ceil((now() - lookBackMs + slackMs) / hourMs) * hourMs;
}

/** Parts spans into what may be asked for, and what is left because it may not. */
export function withinLookBack<S extends Span>(
  spans: readonly S[],
  deps: Dependencies
): { askable: S[]; early: ReadEvent[] } {
  const edge = edgeOf(deps);
  return {
    askable: spans.filter(({ end }) => end > edge).map((span) => ({ ...span, start: Math.max(span.start, edge) })),
    early: spans
      .filter(({ start }) => start < edge)
      .map(({ start, end }) => leave({ start, end: Math.min(end, edge) }, tooOld(deps))),
  };
}

/** The same event, but left where its time was no longer to be asked for when the answer came. */
function checkedLookBack(event: ReadEvent, deps: Dependencies): ReadEvent {
  const { lookBackMs = Infinity } = deps.estimate.limits;
  const isLate = event.kind === 'cell' && event.cell.start < deps.now() - lookBackMs + leftMs;
  return isLate ? leave(event.cell, tooOld(deps)) : event;
}

/**
 * Learns the look-back from an error of a span that may lie before it, where Loki did not tell: from the error's own words, or
 * by small questions about single times. Emits once; nothing is learned where that is not what the error meant. Never errors.
 */
export function learnLookBack(
  error: UpstreamError,
  { start }: Span,
  { client, family, estimate, now }: LokiSource
): Observable<void> {
  const { limits } = estimate;
  const { limit } = error;
  if (!saysTooOld(error) || limits.lookBackMs !== undefined) {
    return of(undefined);
  }
  if (limit !== undefined) {
    limits.lookBackMs = limit;
    return of(undefined);
  }
  const mayAsk = (time: number) =>
    defer(() => client.counts(`sum(count_over_time(${family.selector} [1ms]))`, time, time, 1)).pipe(
      map(() => true),
      catchError((error: unknown) => of(saysTooOld(toUpstreamError(error)) ? false : undefined))
    );
  interface Search {
    before: number;
    inside: number;
    isOver?: true;
  }
  const next = ({ before, inside, isOver }: Search, round: number): Observable<Search> => {
    if (isOver || inside - before <= exactnessMs) {
      return EMPTY;
    }
    const time = round === 0 ? inside : Math.floor((before + inside) / 2);
    return mayAsk(time).pipe(
      map((may) => {
        if (may === undefined || (round === 0 && !may)) {
          // Not even the present may be asked for: it is something else.
          return { before, inside: before, isOver: true as const };
        }
        return may ? { before, inside: time } : { before: time, inside };
      })
    );
  };
  const present = now();
  return of({ before: start, inside: present } as Search).pipe(
    expand(next),
    last(),
    map(({ inside, isOver }) => {
      limits.lookBackMs ??= isOver ? undefined : present - inside;
    })
  );
}

function tooOld({ estimate }: Dependencies): UpstreamError {
  const days = Math.round(((estimate.limits.lookBackMs ?? 0) / dayMs) * 10) / 10;
  return new UpstreamError(
    'too-old',
    `Loki only allows queries of the last ${amountOf(days, 'day')} (max_query_lookback)`
  );
}
