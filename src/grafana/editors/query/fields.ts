import { periodUnits } from '../../../core/domain/periods';
import { type QueryType } from '../../../core/query';
import { reports } from '../../../core/reports/registry';
import { storedQueryProblem } from '../../../core/reports/validate';
import { hasKeys } from '../../frames/ofKeys';
import { type OscarQuery } from '../../types';

/** The fields of a query that an editor can set, beside its type. */
export type EditableField = Exclude<
  keyof OscarQuery,
  'refId' | 'hide' | 'key' | 'datasource' | 'queryType' | '$schema' | symbol | number
>;

/** What every report understands. */
const common: readonly EditableField[] = ['columns', 'bypassCache', 'readAgain', 'minimumCoveragePercent'];

const periods: readonly EditableField[] = ['interval', 'periodsBefore'];

const overTime: readonly EditableField[] = ['services', 'format', ...periods, ...common];

const fieldsByType: Readonly<Record<QueryType, readonly EditableField[]>> = {
  summary: [...overTime, 'includeUsers'],
  metric: [...overTime, 'metric', 'limit', 'keys'],
  breakdown: [...overTime, 'groupBy', 'includeUsers', 'limit', 'keys'],
  country: [...overTime, 'limit', 'keys'],
  membership: overTime,
  services: ['services', ...periods, 'limit', ...common],
  // The state of the sources does not depend on the services that are asked for.
  completeness: ['format', ...periods, ...common],
  reconciliation: ['services', ...periods, ...common],
};

/**
 * The fields that matter for a query, given its other fields: an editor shows these, and no other. A query of unknown type
 * has none.
 */
export function fieldsOf(query: OscarQuery): readonly EditableField[] {
  return (fieldsByType[query.queryType] ?? []).filter(
    (field) =>
      (field !== 'includeUsers' || hasUsersColumn(query)) &&
      (field !== 'keys' || hasKeys(query)) &&
      (field !== 'periodsBefore' || periodUnits.some((unit) => unit === query.interval))
  );
}

/**
 * The `users` column stands in tables of the summary and of the breakdown by service (contract, "Result frames"); where
 * columns are chosen, it is one of them or not there.
 */
function hasUsersColumn({ queryType, groupBy, format, columns }: OscarQuery): boolean {
  const isChosen = columns !== undefined && columns.length > 0;
  return !isChosen && format !== 'timeseries' && (queryType !== 'breakdown' || groupBy === 'service');
}

/**
 * The query with another type: what still applies is kept, what does not is dropped, and what the new type cannot do
 * without has a value, so that it gives a result at once.
 */
export function withQueryType(query: OscarQuery, queryType: QueryType): OscarQuery {
  const changed: OscarQuery = { ...query, queryType };
  if (queryType === 'breakdown') {
    changed.groupBy ??= 'service';
  }
  return withoutIdleFields(withFittingColumns(changed));
}

/** The query with some fields set, or removed where the value is `undefined`, and without those that no longer apply. */
export function withFields(query: OscarQuery, changes: Partial<OscarQuery>): OscarQuery {
  const changed = { ...query, ...changes };
  const isReshaped = 'groupBy' in changes || 'format' in changes;
  return withoutIdleFields(isReshaped ? withFittingColumns(changed) : changed);
}

/** The query with those of its columns that its report has; with all, where none of them can be shown. */
function withFittingColumns(query: OscarQuery): OscarQuery {
  const { columns, ...rest } = query;
  if (!Array.isArray(columns) || storedQueryProblem(rest) !== undefined) {
    return rest;
  }
  const names = reports[query.queryType].columns(query).map(({ name }) => name);
  const fitting = { ...query, columns: columns.filter((name) => names.includes(name)) };
  return fitting.columns.length > 0 && storedQueryProblem(fitting) === undefined ? fitting : rest;
}

function withoutIdleFields(query: OscarQuery): OscarQuery {
  const kept = new Set<string>(fieldsOf(query));
  const editable = new Set<string>(Object.values(fieldsByType).flat());
  return Object.fromEntries(
    Object.entries(query).filter(([key, value]) => value !== undefined && (!editable.has(key) || kept.has(key)))
  ) as unknown as OscarQuery;
}
