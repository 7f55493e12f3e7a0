import { catchError, defer, EMPTY, expand, last, map, type Observable, of } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { amountOf } from '../domain/text';
import { toUpstreamError, UpstreamError, type UpstreamErrorKind } from '../upstream/errors';
import { type LoadEvent, type LoaderDependencies, type MissingSpan } from './loadEvent';

/** Clocks may differ, and a question waits for its turn while the edge moves. */
const slackMs = 600_000;

/** What of the slack must be left when an answer is there. */
const leftMs = minuteMs;

/** How exactly the edge is looked for. */
const exactnessMs = hourMs;

/** How Loki answers about a time that may not be asked for. */
export const saysTooOld: ReadonlySet<UpstreamErrorKind> = new Set(['empty', 'too-old']);

type Dependencies = Pick<LoaderDependencies, 'sizer' | 'now'>;

/**
 * The first time that may be asked for (Loki's `max_query_lookback`), a whole hour, in ms since the epoch. What reaches back
 * over it is answered without a word about what was left out.
 */
function edgeOf({ sizer, now }: Dependencies): number {
  const { lookBackMs = Infinity } = sizer.limits;
  return lookBackMs === Infinity ? -Infinity : Math.ceil((now() - lookBackMs + slackMs) / hourMs) * hourMs;
}

/** Parts spans into what may be asked for, and what is missing because it may not. */
export function withinLookBack<S extends Span>(
  spans: readonly S[],
  deps: Dependencies
): { askable: S[]; early: MissingSpan[] } {
  const edge = edgeOf(deps);
  return {
    askable: spans.filter(({ end }) => end > edge).map((span) => ({ ...span, start: Math.max(span.start, edge) })),
    early: spans
      .filter(({ start }) => start < edge)
      .map(({ start, end }) => ({ start, end: Math.min(end, edge), reason: tooOld(deps) })),
  };
}

/** The same event, but missing where its time was no longer to be asked for when the answer came. */
export function checkedLookBack(event: LoadEvent, deps: Dependencies): LoadEvent {
  const { lookBackMs = Infinity } = deps.sizer.limits;
  if (event.kind === 'missing' || event.cell.start >= deps.now() - lookBackMs + leftMs) {
    return event;
  }
  const { start, end } = event.cell;
  return { kind: 'missing', missing: { start, end, reason: tooOld(deps) } };
}

/**
 * Learns the look-back from an error of a span that may lie before it, where Loki did not tell: from the error's own words, or
 * by small questions about single times. Emits once; nothing is learned where that is not what the error meant. Never errors.
 */
export function learnLookBack(
  { kind, limit }: UpstreamError,
  { start }: Span,
  { client, family, sizer, now }: Pick<LoaderDependencies, 'client' | 'family' | 'sizer' | 'now'>
): Observable<void> {
  const { limits } = sizer;
  if (!saysTooOld.has(kind) || limits.lookBackMs !== undefined) {
    return of(undefined);
  }
  if (limit !== undefined) {
    limits.lookBackMs = limit;
    return of(undefined);
  }
  const mayAsk = (time: number) =>
    defer(() => client.counts(`sum(count_over_time(${family.selector} [1ms]))`, time, time, 1)).pipe(
      map(() => true),
      catchError((error: unknown) => of(saysTooOld.has(toUpstreamError(error).kind) ? false : undefined))
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

function tooOld({ sizer }: Dependencies): UpstreamError {
  const days = Math.round(((sizer.limits.lookBackMs ?? 0) / dayMs) * 10) / 10;
  return new UpstreamError(
    'too-old',
    `Loki only allows queries of the last ${amountOf(days, 'day')} (max_query_lookback)`
  );
}
