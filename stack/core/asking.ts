import { combineLatest, lastValueFrom, type Observable } from 'rxjs';

import { type Answer } from '../../src/core/answer';
import { type UsageQuery } from '../../src/core/query';
import { type Session } from '../../src/core/session';
import { type Row } from '../demo/rows';
import { type Range } from '../traffic';

/** An answer with figures. */
export type FigureAnswer = Exclude<Answer, { kind: 'failure' }>;

/** The last answer to a query. `zone`: an IANA name, or `utc`; `asker` as of `Session`. Throws an `Error` where it has no figures. */
export async function ask(
  session: Session,
  query: UsageQuery,
  { from, to }: Range,
  { zone = 'utc', asker = '' } = {}
): Promise<FigureAnswer> {
  const answer = await lastValueFrom(session.answer(query, { start: from, end: to }, zone, undefined, asker));
  if (answer.kind === 'failure') {
    throw new Error(answer.message);
  }
  return answer;
}

/**
 * The answers to queries that are asked at one instant, as those of a panel are, in UTC: again whenever one of them has more to say.
 * Unsubscribing calls all of them back.
 */
export function askTogether(
  session: Session,
  queries: readonly UsageQuery[],
  { from, to }: Range
): Observable<Answer[]> {
  const askedAt = Date.now();
  return combineLatest(
    queries.map((query, index) => session.answer(query, { start: from, end: to }, 'utc', askedAt, String(index)))
  );
}

/** The rows of an answer by column name; of a time series, the values of a bucket by what labels the series. */
export function rowsOfAnswer(answer: FigureAnswer): Row[] {
  const columns =
    answer.kind === 'table'
      ? answer.table.columns.map(({ name, values }) => [name, values] as const)
      : [
          ['time', answer.timeSeries.starts] as const,
          ...answer.timeSeries.series.map(({ displayName, values }) => [displayName, values] as const),
        ];
  const length = answer.kind === 'table' ? answer.table.length : answer.timeSeries.starts.length;
  return Array.from({ length }, (_, index) =>
    Object.fromEntries(columns.map(([name, values]) => [name, values[index] as Row[string]]))
  );
}
