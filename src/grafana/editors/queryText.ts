import { type OscarQuery } from '../types';
import { questions } from './questions';

/** A query in one line, for Grafana's query history: the question, and what narrows it down. */
export function queryText(query: OscarQuery): string {
  const { queryType, services, interval, format, limit } = query;
  return [
    questions[queryType]?.title ?? (queryType ? `Unknown query type ${queryType}` : 'No question chosen'),
    ...subjectOf(query),
    ...(Array.isArray(services) && services.length > 0 ? [`services ${services.join(', ')}`] : []),
    ...(interval ? [`per ${interval === 'auto' ? 'period' : interval}`] : []),
    ...(limit ? [`limit ${limit}`] : []),
    ...(format === 'timeseries' ? ['as time series'] : []),
  ].join(' · ');
}

function subjectOf({ queryType, groupBy, metric }: OscarQuery): string[] {
  if (queryType === 'breakdown' && groupBy) {
    return [`by ${groupBy}`];
  }
  return queryType === 'metric' ? [metric ?? 'all metrics'] : [];
}
