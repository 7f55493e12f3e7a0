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

/** Those that follow the others in some tables. */
const outcomeColumns = ['requests_count_rejected', 'requests_count_failed'];
/** What only describes a row may be there although it was not chosen. */
const describingColumns = ['start_time', 'end_time', 'country_name', 'unit', 'completeness_notes'];

type Query = Readonly<Record<string, unknown>>;

/** The columns with which the query's table has to begin; undefined for a time series and for an unknown query. */
export function columnsOf(query: Query): readonly string[] | undefined {
  const { format, interval, includeUsers } = query;
  const table = tableOf(query);
  const columns = tableColumns[table];
  if (columns === undefined || format === 'timeseries') {
    return undefined;
  }
  const mayHaveUsers = ['summary', 'breakdown/service'].includes(table);
  const hasUsers = mayHaveUsers && (includeUsers === true || chosenOf(query)?.includes('users'));
  return [...(interval ? ['period'] : []), ...columns, ...(hasUsers ? ['users'] : [])];
}

/** Which columns are not where the contract has them, or are there although the query chose others. */
export function columnProblems(names: readonly string[], query: Query): string[] {
  const all = columnsOf(query) ?? [];
  const chosen = chosenOf(query);
  if (chosen !== undefined && all.length > 0) {
    return chosenProblems(names, [...all, ...outcomeColumns], [...chosen, ...fixedColumnsOf(query)]);
  }
  const wrong = all.findIndex((name, index) => names[index] !== name);
  const problem = `column ${wrong + 1} is ${names[wrong] ?? 'absent'}, expected ${all[wrong]} (${names.join(' ')})`;
  return wrong < 0 ? [] : [problem];
}

function chosenProblems(names: readonly string[], order: readonly string[], wanted: readonly unknown[]): string[] {
  const absent = order.filter((name) => wanted.includes(name) && !names.includes(name));
  const others = names.filter((name) => !wanted.includes(name) && !describingColumns.includes(name));
  const places = names.map((name) => order.indexOf(name)).filter((place) => place >= 0);
  const isOrdered = places.every((place, index) => index === 0 || place > places[index - 1]!);
  return [
    ...(absent.length > 0 ? [`missing column ${absent.join(', ')}`] : []),
    ...(others.length > 0 ? [`columns that were not chosen: ${others.join(', ')}`] : []),
    ...(isOrdered ? [] : [`the columns are in the order ${names.join(' ')}`]),
  ];
}

/** The columns that are there whatever the query chooses. */
function fixedColumnsOf(query: Query): readonly string[] {
  const table = tableOf(query);
  const keys = table === 'summary' ? 0 : table === 'metric' ? 3 : 1;
  return ['period', ...(tableColumns[table] ?? []).slice(0, keys), 'completeness'];
}

function tableOf({ queryType, groupBy }: Query): string {
  return queryType === 'breakdown' ? `breakdown/${String(groupBy)}` : String(queryType);
}

/** The query's `columns`; undefined when it does not choose. */
function chosenOf({ columns }: Query): readonly unknown[] | undefined {
  return Array.isArray(columns) && columns.length > 0 ? columns : undefined;
}
