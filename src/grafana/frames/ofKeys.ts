import { type Answer } from '../../core/answer';
import { type MetricKey } from '../../core/domain/metricKeys';
import { plainCell, type TableColumn } from '../../core/reports/table';
import { type OscarQuery } from '../types';

/** Names of the column, and of the labels of series, that say what a row is about. */
const keyColumns = ['key', 'country'];
const keyLabels = { service: ['service'], user: ['user'], country: ['country'], other: ['user', 'country'] };

/** The metrics whose values are of a user or a country; those of the others are of a service. */
const keyedMetrics: readonly string[] = ['requests-per-user', 'countries-list'] satisfies MetricKey[];

/** True for queries whose rows or series are about a user, a country or a service that can be named. */
export function hasKeys({ queryType, metric }: Pick<OscarQuery, 'queryType' | 'metric'>): boolean {
  return queryType === 'metric' ? keyedMetrics.includes(metric ?? '') : ['breakdown', 'country'].includes(queryType);
}

/** Says what is wrong with the keys of a query, and what is valid; undefined when nothing is. */
export function keysProblem(query: OscarQuery): string | undefined {
  const keys: unknown = query.keys ?? [];
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string')) {
    return 'keys must be a list of strings';
  }
  if (keys.length === 0) {
    return undefined;
  }
  if (!hasKeys(query)) {
    const { queryType, metric } = query;
    const what = queryType === 'metric' ? `metric ${metric || '(all)'}` : `queryType ${queryType}`;
    return `${what} has no keys; keys are valid for: breakdown, country, and the metrics ${keyedMetrics.join(' and ')}`;
  }
  return query.limit
    ? 'keys cannot be combined with limit: a row that limit combines into (others) could not be found'
    : undefined;
}

/**
 * The answer with the rows or series of these keys, and no other. A key may be given as a cell has it, with the `'` that keeps
 * spreadsheets from taking it for a formula, or without.
 */
export function ofKeys(
  answer: Answer,
  { queryType, groupBy }: OscarQuery,
  keys: readonly string[] | undefined
): Answer {
  if (keys === undefined || answer.kind === 'failure') {
    return answer;
  }
  const wanted = new Set(keys.map(plainCell));
  if (answer.kind === 'timeseries') {
    const labels: readonly string[] = keyLabels[(queryType === 'breakdown' && groupBy) || 'other'];
    const series = answer.timeSeries.series.filter((one) =>
      labels.some((label) => wanted.has(one.labels[label] ?? ''))
    );
    // A frame without a length is what Grafana calls no data.
    const starts = series.length > 0 ? answer.timeSeries.starts : [];
    return { ...answer, timeSeries: { starts, series } };
  }
  const { columns } = answer.table;
  const key = columns.find(({ name }) => keyColumns.includes(name));
  const rows = (key?.values ?? []).flatMap((cell, row) => (wanted.has(plainCell(String(cell))) ? [row] : []));
  return { ...answer, table: { columns: columns.map((column) => withRows(column, rows)), length: rows.length } };
}

function withRows(column: TableColumn, rows: readonly number[]): TableColumn {
  return { ...column, values: rows.map((row) => column.values[row] ?? null) };
}
