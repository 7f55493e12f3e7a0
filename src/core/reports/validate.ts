import * as v from 'valibot';

import { metricKeys } from '../domain/metricKeys';
import { periodUnits } from '../domain/periods';
import { sourceNames } from '../domain/sources';
import { type UsageQuery, queryTypes } from '../query';
import { isVariable, limitProblem } from './queryLimit';
import { reports, supportedQueryTypes } from './registry';
import { columnsProblem } from './selection';

const formats = ['table', 'timeseries'] as const;
const groupings = ['service', 'user', 'country'] as const;
const percent = v.pipe(v.number(), v.minValue(0), v.maxValue(100));
const flags = ['includeUsers', 'bypassCache', 'readAgain'] as const;

/** Says what is wrong with a query, and what is valid; undefined when nothing is. Nothing is sent before this. */
export function queryProblem(query: UsageQuery): string | undefined {
  return (
    notOneOf('queryType', query.queryType, queryTypes) ??
    optional('format', query.format, formats) ??
    optional('interval', query.interval, ['auto', ...periodUnits]) ??
    optional('metric', query.metric, metricKeys) ??
    (query.queryType === 'breakdown' ? notOneOf('groupBy', query.groupBy, groupings) : undefined) ??
    notOf(v.array(v.string()), 'services', query.services, 'a list of service names') ??
    columnsProblem(reports[query.queryType], query) ??
    limitProblem(query.limit) ??
    notOf(percent, 'minimumCoveragePercent', query.minimumCoveragePercent, 'a number from 0 to 100') ??
    flags.map((key) => notOf(v.boolean(), key, query[key], 'true or false')).find(Boolean) ??
    gapSourcesProblem(query)
  );
}

/** Says that a report cannot be shown over time, and which can; undefined where it can. Of a query without another problem. */
export function formatProblem({ queryType, format }: UsageQuery): string | undefined {
  if (format !== 'timeseries' || reports[queryType].series) {
    return undefined;
  }
  const drawn = supportedQueryTypes.filter((type) => reports[type].series);
  return `queryType ${queryType} has no time series; format timeseries is valid for: ${drawn.join(', ')}`;
}

/** What is wrong with a query as it is stored, before a dashboard fills in the variable of its limit. */
export function storedQueryProblem(query: UsageQuery): string | undefined {
  return queryProblem(isVariable(query.limit) ? { ...query, limit: undefined } : query);
}

/**
 * A stored query as it is meant: null and empty texts, as editors and provisioning files leave them behind, count as absent.
 */
export function withoutEmpty<Query extends UsageQuery>(query: Query): Query {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== null && value !== '')) as Query;
}

/** Of the query of an annotation. */
function gapSourcesProblem(query: UsageQuery & { sources?: unknown }): string | undefined {
  return notOf(v.array(v.picklist(sourceNames)), 'sources', query.sources, `a list of ${sourceNames.join(', ')}`);
}

function optional(key: string, value: unknown, valid: readonly string[]): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : notOneOf(key, value, valid);
}

function notOneOf(key: string, value: unknown, valid: readonly string[]): string | undefined {
  if (v.is(v.picklist(valid), value)) {
    return undefined;
  }
  const found = value === undefined ? `${key} is missing` : `unknown ${key} ${JSON.stringify(value)}`;
  return `${found}; valid are: ${valid.join(', ')}`;
}

function notOf(schema: v.GenericSchema, key: string, value: unknown, what: string): string | undefined {
  return v.is(v.nullish(schema), value) ? undefined : `${key} must be ${what}`;
}
