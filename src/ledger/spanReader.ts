import { map, type Observable } from 'rxjs';

import { type Span } from '../domain/span';
import { countExpr, type LineFamily, timeExpr } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type CountSeries, type LokiClient } from '../upstream/loki';
import { type LineGroup } from './cell';

export interface CountedLines {
  groups: LineGroup[];
  /** Time that Loki spent on the answer, in ms; undefined when it does not say. */
  engineMs?: number;
  /** What Loki says about its answer, such as that it is partial. */
  warnings?: readonly string[];
}

/**
 * Counts of a family's lines in one span [start, end), grouped by Loki.
 *
 * The query has a single evaluation time. Loki never splits such a query, so its answer is one result of one engine
 * run. (With several evaluation times its front end cuts the query by `split_queries_by_interval` and merges the
 * parts, and the merge of 3.7.6 can lose a sample of a series: specs/decisions/0003.)
 */
export function readCounts(client: LokiClient, family: LineFamily, span: Span): Observable<CountedLines> {
  // Evaluated at `end` and looking back from 1 ms before it: (start - 1 ms, end - 1 ms], contract rule 5.
  return client.counts(countExpr(family, span.end - span.start, 1), span.end, span.end, 1).pipe(
    map(({ series, engineMs, warnings }) => ({
      engineMs,
      warnings,
      groups: series.map((one) => toGroup(one, family.extracted)),
    }))
  );
}

/**
 * The time of the first or last line of each distinct extracted text in a span [start, end), in ms since the epoch: the
 * millisecond to which the line belongs (contract rule 5). Lines that the parser did not match have none.
 */
export function readTimes(
  client: LokiClient,
  family: LineFamily,
  edge: 'first' | 'last',
  span: Span
): Observable<ReadonlyMap<string, number>> {
  return client.counts(timeExpr(family, edge, span.end - span.start, 1), span.end, span.end, 1).pipe(
    map((answer) => {
      refuseDoubted(answer);
      return new Map(
        answer.series.flatMap(({ labels, samples }) =>
          samples.map(([, time]): [string, number] => [labels[family.extracted] ?? '', time])
        )
      );
    })
  );
}

/** Throws for an answer that Loki itself doubts, where nothing could carry the doubt on. */
export function refuseDoubted({ warnings = [] }: { warnings?: readonly string[] }): void {
  if (warnings.length > 0) {
    throw new UpstreamError('malformed', `Loki says that its answer may not be whole: ${warnings.join('; ')}`);
  }
}

function toGroup({ labels, samples }: CountSeries, extracted: string): LineGroup {
  return {
    text: labels[extracted] ?? '',
    labels,
    count: samples.reduce((sum, [, count]) => sum + count, 0),
  };
}
