import { type DataFrame } from '@grafana/data';

/** A row of a frame: column name → value. */
export type Row = Readonly<Record<string, unknown>>;

const requests = ['requests_count_total', 'requests_count_sync', 'requests_count_async', 'requests_count_exposed'];

/** The contract's columns of a table, in order; further columns may follow. */
const tableColumns: Readonly<Record<string, readonly string[]>> = {
  summary: [
    'start_time',
    'end_time',
    'services_count_active',
    'services_count_total',
    'cpu_hours_total',
    'gpu_hours_total',
    ...requests,
    'countries_count',
    'countries',
    'users_count',
    'attribution_percent',
    'completeness',
  ],
  metric: ['service', 'metric', 'key', 'value', 'unit', 'completeness'],
  'breakdown/service': [
    'key',
    ...requests,
    'unique_users_count',
    'countries',
    'cpu_hours',
    'gpu_hours',
    'completeness',
  ],
  'breakdown/user': [
    'key',
    'membership',
    'executions_count',
    'requests_count_sync',
    'requests_count_async',
    'services_count',
    'countries',
    'completeness',
  ],
  'breakdown/country': ['key', 'country_name', 'executions_count', 'unique_users_count', 'completeness'],
  country: ['country', 'country_name', 'request_count', 'percentage', 'completeness'],
  membership: ['membership', 'users_count', 'executions_count', 'percentage', 'completeness'],
  services: [
    'service',
    'active',
    'first_seen',
    'last_seen',
    'requests_count_total',
    'cpu_hours',
    'gpu_hours',
    'completeness',
  ],
  completeness: [
    'source',
    'status',
    'coverage_percent',
    'covered_from',
    'covered_to',
    'last_updated',
    'affected_metrics',
    'notes',
  ],
  reconciliation: ['figure', 'summary', 'by_service', 'by_user', 'by_country', 'difference'],
};

/** All query types of the contract. */
export const contractQueryTypes: readonly string[] = [
  ...new Set(Object.keys(tableColumns).map((key) => key.split('/')[0] ?? key)),
];

/** The columns with which the query's table has to begin; undefined for a time series and for an unknown query. */
export function columnsOf(query: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const { queryType, groupBy, format, interval, includeUsers } = query;
  const key = queryType === 'breakdown' ? `breakdown/${String(groupBy)}` : String(queryType);
  const columns = tableColumns[key];
  if (columns === undefined || format === 'timeseries') {
    return undefined;
  }
  const withUsers = includeUsers === true && ['summary', 'breakdown/service'].includes(key);
  return [...(interval ? ['period'] : []), ...columns, ...(withUsers ? ['users'] : [])];
}

/** What is wrong with a response's frames, by the contract; empty when all is well. Annotation frames do not count. */
export function frameProblems(
  frames: readonly DataFrame[],
  query: Readonly<Record<string, unknown>>,
  refId: string
): string[] {
  const [frame, ...others] = resultFrames(frames);
  if (!frame || others.length > 0) {
    return [`expected exactly one frame, got ${others.length + (frame ? 1 : 0)}`];
  }
  const problems: string[] = [];
  if (frame.refId !== refId) {
    problems.push(`frame.refId is ${JSON.stringify(frame.refId)}, expected ${JSON.stringify(refId)}`);
  }
  if (query.format !== 'timeseries' && frame.name !== query.queryType) {
    problems.push(`frame.name is ${JSON.stringify(frame.name)}, expected ${JSON.stringify(query.queryType)}`);
  }
  const columns = columnsOf(query) ?? [];
  const names = frame.fields.map(({ name }) => name);
  const wrong = columns.findIndex((name, index) => names[index] !== name);
  if (wrong >= 0) {
    problems.push(
      `column ${wrong + 1} is ${names[wrong] ?? 'absent'}, expected ${columns[wrong]} (${names.join(' ')})`
    );
  }
  const lengths = new Set([frame.length, ...frame.fields.map(({ values }) => values.length)]);
  if (lengths.size > 1) {
    problems.push(`columns have different lengths: ${[...lengths].join(', ')}`);
  }
  return problems;
}

/** The frames without annotations. */
export function resultFrames(frames: readonly DataFrame[]): DataFrame[] {
  return frames.filter(({ meta }) => meta?.dataTopic !== 'annotations');
}

export function rowsOf(frame: DataFrame): Row[] {
  return Array.from({ length: frame.length }, (_, index) =>
    Object.fromEntries(frame.fields.map(({ name, values }) => [name, values[index]] as const))
  );
}

/**
 * Source → status from `meta.custom.completeness`: a list of `{source, status}`, an object with such a list as
 * `sources`, or an object from source to status or to `{status}`.
 */
export function sourceStatuses(frame: DataFrame): Map<string, unknown> {
  return statusesOf(frame.meta?.custom?.completeness);
}

function statusesOf(value: unknown): Map<string, unknown> {
  if (Array.isArray(value)) {
    return new Map(value.filter(isObject).map((item) => [String(item.source), item.status] as const));
  }
  if (!isObject(value)) {
    return new Map();
  }
  if (isObject(value.sources)) {
    return statusesOf(value.sources);
  }
  return new Map(Object.entries(value).map(([source, item]) => [source, isObject(item) ? item.status : item] as const));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
