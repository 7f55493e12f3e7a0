import { type Answer } from '../../src/core/answer';
import { type UsageQuery } from '../../src/core/query';
import { type TimeSeries } from '../../src/core/reports/series';
import { type Row } from '../conformance/frames';
import { type FigureAnswer, rowsOfAnswer } from '../core/asking';

/** What an answer says of a source; both ends of `missing` inclusive. */
export interface SourceEntry {
  source: string;
  status: 'ok' | 'partial' | 'missing';
  notes: string[];
  covered_from: string | null;
  covered_to: string | null;
  missing: Array<{ from: string; to: string }>;
}

/** What one query of a schedule was answered with. */
export interface ReportAnswer {
  target: UsageQuery;
  /** Undefined when the query ended in an error. */
  result?: { rows: Row[]; sources: SourceEntry[]; warnings: string[] };
  error?: string;
}

const metrics = ['services-count', 'requests-per-user', 'countries-list'] as const;

/** Every kind of answer that the contract knows. */
export const allTargets: readonly UsageQuery[] = [
  { queryType: 'summary', includeUsers: true },
  { queryType: 'summary', interval: 'day' },
  { queryType: 'metric' },
  ...metrics.map((metric) => ({ queryType: 'metric', metric }) as const),
  { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'breakdown', groupBy: 'user', interval: 'week' },
  { queryType: 'country' },
  { queryType: 'membership' },
  { queryType: 'services' },
  { queryType: 'completeness' },
  { queryType: 'reconciliation' },
  { queryType: 'summary', format: 'timeseries', interval: 'day' },
  { queryType: 'metric', format: 'timeseries', interval: 'day' },
  { queryType: 'breakdown', groupBy: 'user', format: 'timeseries', interval: 'day' },
  { queryType: 'country', format: 'timeseries', interval: 'day' },
];

export function nameOf({ queryType, groupBy, metric, format, interval }: UsageQuery): string {
  return [queryType, groupBy, metric, format, interval].filter(Boolean).join(' ');
}

/** One answer per target, in their order. */
export function answersOf(targets: readonly UsageQuery[], answers: readonly Answer[]): ReportAnswer[] {
  return targets.map((target, index) => {
    const answer = answers[index];
    return answer === undefined || answer.kind === 'failure'
      ? { target, error: answer?.message ?? 'no answer' }
      : { target, result: readAnswer(answer) };
  });
}

function readAnswer(answer: FigureAnswer): NonNullable<ReportAnswer['result']> {
  return {
    rows: answer.kind === 'timeseries' ? seriesRows(answer.timeSeries) : rowsOfAnswer(answer),
    sources: answer.completeness as SourceEntry[],
    warnings: answer.notices.filter(({ severity }) => severity === 'warning').map(({ text }) => text),
  };
}

/** A row for each time and series, so that time series compare like tables. */
function seriesRows({ starts, series }: TimeSeries): Row[] {
  return series.flatMap(({ name, labels, values }) =>
    values.map((value, index) => ({ time: starts[index], key: JSON.stringify([name, labels]), value }))
  );
}
