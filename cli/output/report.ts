import { type Answer } from '../../src/core/answer';
import { type Notice } from '../../src/core/completeness/notices';
import { isoTime } from '../../src/core/domain/text';
import { type UsageQuery } from '../../src/core/query';
import { type Table } from '../../src/core/reports/table';
import { type NamedRange } from '../range/range';

/** An answer with figures. */
export type FigureAnswer = Exclude<Answer, { kind: 'failure' }>;

/** What every format writes. */
export interface WrittenReport {
  query: UsageQuery;
  range: NamedRange;
  /** IANA name, or `utc`. */
  zone: string;
  answer: FigureAnswer;
  notices: readonly Notice[];
  isComplete: boolean;
}

/** True when nothing that the figures depend on is in doubt, and no row is flagged. What nobody has to configure is no reason. */
export function isWhole(answer: FigureAnswer): boolean {
  const flags = answer.kind === 'table' ? answer.table.columns.find(({ name }) => name === 'completeness') : undefined;
  return (
    answer.completeness.every(({ status, advisory }) => status === 'ok' || advisory === true) &&
    (flags?.values.every((status) => status === 'ok') ?? true)
  );
}

/** The figures as one table: a time series has a column for the start of each bucket, in UTC, and one for each series. */
export function tableIn(answer: FigureAnswer): Table {
  if (answer.kind === 'table') {
    return answer.table;
  }
  const { starts, series } = answer.timeSeries;
  return {
    columns: [
      { name: 'time', type: 'text', values: starts.map(isoTime) },
      ...series.map(({ displayName, unit, values }) => ({
        name: displayName,
        type: unit === 'h' ? ('hours' as const) : unit === 'percent' ? ('percent' as const) : ('count' as const),
        values,
      })),
    ],
    length: starts.length,
  };
}

/** `breakdown by user`: a query in words. */
export function queryTitle({ queryType, groupBy, metric, interval, format }: UsageQuery): string {
  return [
    queryType,
    ...(queryType === 'metric' && metric ? [metric] : []),
    ...(queryType === 'breakdown' && groupBy ? [`by ${groupBy}`] : []),
    ...(interval && interval !== 'auto'
      ? [`by ${interval}`]
      : interval || format === 'timeseries'
        ? ['over time']
        : []),
  ].join(' ');
}

/** What is to be known about several reports, each thing once: notices join what their sources say by ` · `. */
export function noticesIn(reports: readonly WrittenReport[]): Notice[] {
  const parts = reports.flatMap(({ notices }) =>
    notices.flatMap(({ severity, text }) => text.split(' · ').map((part) => ({ severity, text: part })))
  );
  return [...new Map(parts.map((part) => [`${part.severity} ${part.text}`, part])).values()];
}
