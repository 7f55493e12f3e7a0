import { catchError, EMPTY, expand, map, type Observable, of, reduce, throwError } from 'rxjs';

import { lengthOf, type Span } from '../domain/span';
import { type LineFamily, naming, timeExpr } from '../expr/logql';
import { toUpstreamError, UpstreamError } from '../upstream/errors';
import { type LearnedLimits } from '../upstream/learnedLimits';
import { type LokiClient } from '../upstream/loki';

export type Edge = 'first' | 'last';

export interface EdgeQuestion {
  /** At least 1 ms long. */
  span: Span;
  edge: Edge;
  /** Services that were called in the span. */
  services: ReadonlySet<string>;
  /** How many keys of the span are about some services. */
  keysOf: (services: ReadonlySet<string>) => number;
  serviceOf: (text: string) => string | undefined;
}

/** Share of the limit that a question may be expected to use: the lines of a day are not spread evenly. */
const targetFill = 0.6;

/** What is left of a search: services that were not met so far, in a span at whose edge the search goes on. */
interface Search {
  span: Span;
  services: ReadonlySet<string>;
  /** Share of the length that would be asked for otherwise: less after too many series, as before once something was found. */
  share: number;
}

/**
 * When services were first or last called, in ms since the epoch, from the edge of a span inwards: most of them are met
 * soon, and only the others are looked for in what is left. Errors as the queries do.
 */
export function edgeTimes(
  client: LokiClient,
  family: LineFamily,
  limits: LearnedLimits,
  question: EdgeQuestion
): Observable<Map<string, number>> {
  const { edge, keysOf, serviceOf } = question;
  const whole = lengthOf(question.span);
  const better = edge === 'first' ? Math.min : Math.max;
  const found = new Map<string, number>();

  const next = ({ span, services, share }: Search): Observable<Search> => {
    const expected = (keysOf(services) * lengthOf(span)) / whole;
    const fit = expected > 0 ? Math.min(1, (targetFill * limits.maxSeries) / expected) : 1;
    const asked = partOf(span, edge, Math.max(1, Math.ceil(lengthOf(span) * fit * share)));
    return readTimes(client, naming(family, [...services]), edge, asked).pipe(
      map((timeByText) => {
        const own = new Map<string, number>();
        for (const [text, time] of timeByText) {
          const service = serviceOf(text);
          if (service !== undefined && services.has(service)) {
            own.set(service, better(own.get(service) ?? time, time));
          }
        }
        own.forEach((time, service) => found.set(service, time));
        const left = new Set([...services].filter((service) => !own.has(service)));
        return { span: without(span, asked), services: left, share: own.size > 0 ? 1 : Math.min(1, share * 2) };
      }),
      catchError((error: unknown) => {
        const { kind, limit } = toUpstreamError(error);
        if (kind !== 'series-limit' || lengthOf(asked) <= 1) {
          return throwError(() => error);
        }
        limits.maxSeries = Math.min(limits.maxSeries, limit ?? Infinity);
        return of({ span, services, share: share / 2 });
      })
    );
  };
  const isOver = ({ span, services }: Search) => services.size === 0 || lengthOf(span) === 0;
  return of({ span: question.span, services: question.services, share: 1 }).pipe(
    expand((search) => (isOver(search) ? EMPTY : next(search))),
    reduce(() => undefined, undefined),
    map(() => found)
  );
}

/**
 * The time of the first or last line of each distinct extracted text in a span [start, end), in ms since the epoch: the
 * millisecond to which the line belongs (contract rule 5). Lines that name no service have none.
 */
function readTimes(
  client: LokiClient,
  family: LineFamily,
  edge: 'first' | 'last',
  span: Span
): Observable<ReadonlyMap<string, number>> {
  return client.counts(timeExpr(family, edge, span.end - span.start, 1), span.end, span.end, 1).pipe(
    map((answer) => {
      // Nothing could carry the doubt on.
      if (answer.warnings) {
        throw new UpstreamError(
          'malformed',
          `Loki reports that its answer may be incomplete: ${answer.warnings.join('; ')}`
        );
      }
      return new Map(
        answer.series.flatMap(({ labels, samples }) =>
          samples.map(([, time]): [string, number] => [family.textOf(labels), time])
        )
      );
    })
  );
}

/** The part of a span with this length at its start or end. */
function partOf({ start, end }: Span, edge: Edge, length: number): Span {
  return edge === 'first'
    ? { start, end: Math.min(end, start + length) }
    : { start: Math.max(start, end - length), end };
}

/** What a part at an end of a span leaves of it. */
function without({ start, end }: Span, part: Span): Span {
  return part.start === start ? { start: part.end, end } : { start, end: part.start };
}
