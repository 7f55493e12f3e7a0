import { minuteMs } from '../../src/core/domain/duration';
import { type UsageQuery } from '../../src/core/query';
import { type Row } from '../conformance/frames';
import {
  expectedByCountry,
  expectedByService,
  expectedByUser,
  expectedSummary,
  type Range,
  type Truth,
} from '../traffic';
import { nameOf, type ReportAnswer, type SourceEntry } from './reports';

/** Figures that only grow with what is covered. */
const growing = [
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_rejected',
  'requests_count_failed',
  'executions_count',
  'users_count',
  'unique_users_count',
] as const;

/**
 * Compares the counts of a partial answer with the truth about what the answer itself says to cover, as sentences. The
 * truth is known by the minute: a minute that is covered in part makes a lower and an upper bound. There is no lower one
 * when Loki itself said that its answers are not whole (`isDoubtful`).
 */
export function judgeCoverage(
  { target, result }: ReportAnswer,
  truth: Truth,
  range: Range,
  isDoubtful: boolean
): string[] {
  const expect = target.interval || target.format ? undefined : expectedRows(target);
  if (!result || !expect) {
    return [];
  }
  const spans = (source: string) =>
    coveredSpans(
      result.sources.find((entry) => entry.source === source),
      range
    );
  const requests = spans('request-logs');
  const exposed = spans('exposed-request-logs');
  const within = (isIn: (minute: number, covered: readonly Range[]) => boolean) =>
    byKey(
      expect(
        {
          ...truth,
          requests: () => filtered(truth.requests(), (minute) => isIn(minute, requests)),
          exposed: () => filtered(truth.exposed(), (minute) => isIn(minute, exposed)),
        },
        range
      )
    );
  const lower = within((minute, covered) => covered.some(({ from, to }) => from <= minute && minute + minuteMs <= to));
  const upper = within((minute, covered) => covered.some(({ from, to }) => from < minute + minuteMs && minute < to));
  return result.rows.flatMap((row) =>
    growing.flatMap((column) => {
      const value = row[column];
      const key = String(row.key ?? '');
      const low = isDoubtful ? 0 : Number(lower.get(key)?.[column] ?? 0);
      const high = Number(upper.get(key)?.[column] ?? 0);
      return typeof value !== 'number' || (low <= value && value <= high)
        ? []
        : [`${nameOf(target)}: ${key} ${column} is ${value}, but the covered time has ${low} to ${high}`];
    })
  );
}

function expectedRows({ queryType, groupBy }: UsageQuery): ((truth: Truth, range: Range) => object[]) | undefined {
  if (queryType === 'summary') {
    return (truth, range) => [expectedSummary(truth, range)];
  }
  if (queryType !== 'breakdown') {
    return undefined;
  }
  return groupBy === 'service' ? expectedByService : groupBy === 'user' ? expectedByUser : expectedByCountry;
}

function byKey(rows: readonly object[]): Map<string, Row> {
  return new Map(rows.map((row): [string, Row] => [String((row as Row).key ?? ''), row as Row]));
}

/** What a source covers by its own statement; both ends as in `Range`. */
function coveredSpans(entry: SourceEntry | undefined, range: Range): Range[] {
  if (!entry) {
    return [range];
  }
  if (entry.covered_from === null || entry.covered_to === null) {
    return [];
  }
  const whole = { from: Date.parse(entry.covered_from), to: Math.min(range.to, Date.parse(entry.covered_to) + 1) };
  return entry.missing.reduce<Range[]>(
    (spans, gap) => {
      const from = Date.parse(gap.from);
      const to = Date.parse(gap.to) + 1;
      return spans.flatMap((span) => [
        ...(span.from < from ? [{ from: span.from, to: Math.min(span.to, from) }] : []),
        ...(span.to > to ? [{ from: Math.max(span.from, to), to: span.to }] : []),
      ]);
    },
    [whole]
  );
}

function* filtered<T extends { minute: number }>(rows: Iterable<T>, keep: (ms: number) => boolean): Generator<T> {
  for (const row of rows) {
    if (keep(row.minute * minuteMs)) {
      yield row;
    }
  }
}
