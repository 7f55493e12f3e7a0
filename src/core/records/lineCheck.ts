import { forkJoin, map, type Observable, of } from 'rxjs';

import { dayMs } from '../domain/duration';
import { type Span } from '../domain/span';
import { type LineFamily, totalExpr, unsplit, unsplitRange } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { type LokiClient } from '../upstream/loki';

/** Days of which one query counts the lines at most: Loki lets it look at 30 days, half of which keep the query in one piece. */
const maxDays = 14;

/**
 * How many lines of a family Loki holds of each of some days of UTC, understood or not, by the start of the day. Emits once; errors as the
 * queries do.
 */
export function countLines(
  client: LokiClient,
  family: LineFamily,
  days: readonly Span[]
): Observable<ReadonlyMap<number, number>> {
  const runs = runsOf(days);
  return runs.length === 0
    ? of(new Map())
    : forkJoin(runs.map((run) => countRun(client, family, run))).pipe(map((all) => new Map(all.flat())));
}

/** Days from the start of the first to the start of the last one, both in ms since the epoch. */
interface Run {
  first: number;
  last: number;
}

function runsOf(days: readonly Span[]): Run[] {
  const runs: Run[] = [];
  for (const { start } of [...days].sort((a, b) => a.start - b.start)) {
    const run = runs[runs.length - 1];
    if (run && start - run.last <= dayMs && start - run.first < maxDays * dayMs) {
      run.last = start;
    } else {
      runs.push({ first: start, last: start });
    }
  }
  return runs;
}

function countRun(client: LokiClient, family: LineFamily, { first, last }: Run): Observable<Array<[number, number]>> {
  const [from, to] = [first + dayMs, last + dayMs];
  const expr = totalExpr(family, dayMs, 1);
  const isOne = from === to;
  const query = isOne ? expr : unsplit(`${expr} or vector(0)`, family.selector, unsplitRange(from, to, dayMs));
  return client.counts(query, from, to, isOne ? 1 : dayMs).pipe(
    map(({ series, warnings = [] }) => {
      if (warnings.length > 0) {
        throw new UpstreamError('malformed', `Loki reports that its answer may be incomplete: ${warnings.join('; ')}`);
      }
      const counts = new Map<number, number>();
      for (const [time, count] of series.flatMap(({ samples }) => samples)) {
        counts.set(time, (counts.get(time) ?? 0) + count);
      }
      const days = Array.from({ length: Math.round((last - first) / dayMs) + 1 }, (_, index) => first + index * dayMs);
      return days.map((day): [number, number] => [day, counts.get(day + dayMs) ?? 0]);
    })
  );
}
