import { type DataFrame, type MetricFindValue } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';
import * as v from 'valibot';

import { plainCell } from '../../core/reports/table';
import { type AheadSource, aheadSources } from '../../core/sources/ahead';
import { type OscarQuery } from '../types';

/** What a template variable can list. */
export const valueListNames = ['services', 'called-services', 'users', 'countries'] as const;
export type ValueListName = (typeof valueListNames)[number];

/** The query of a template variable: the values that occur in the dashboard's range. */
export interface OscarVariableQuery extends DataQuery {
  list: ValueListName;
  /** Only values that contain this text; upper and lower case are the same. */
  filter?: string;
  /**
   * Sources that panels of the dashboard need: they are asked while the list is read, for which these panels wait. Absent: none, so that
   * a dashboard asks for nothing that it does not show.
   */
  ahead?: AheadSource[];
}

interface Source {
  queries: ReadonlyArray<Pick<OscarQuery, 'queryType' | 'groupBy' | 'metric' | 'columns'>>;
  value: string;
  text: string;
}

/** The reports that know the values, and their columns. */
const sources: Readonly<Record<ValueListName, Source>> = {
  // Those with a request or hours of use; rejected requests belong to no service.
  services: {
    queries: [
      {
        queryType: 'breakdown',
        groupBy: 'service',
        columns: ['requests_count_total', 'requests_count_exposed', 'cpu_hours', 'gpu_hours'],
      },
    ],
    value: 'key',
    text: 'key',
  },
  // Known from the logs alone. Panels wait for the variables that they use, and CPU hours take longest.
  'called-services': {
    queries: [
      { queryType: 'metric', metric: 'users-per-service' },
      { queryType: 'metric', metric: 'requests-exposed-per-service' },
    ],
    value: 'service',
    text: 'service',
  },
  users: {
    queries: [{ queryType: 'breakdown', groupBy: 'user', columns: ['executions_count'] }],
    value: 'key',
    text: 'key',
  },
  countries: {
    queries: [{ queryType: 'breakdown', groupBy: 'country', columns: ['country_name', 'executions_count'] }],
    value: 'key',
    text: 'country_name',
  },
};

/**
 * Reads a variable's query as a dashboard may store it: the query itself, or just the name of the list.
 * Throws an `Error` that says what is valid.
 */
export function variableQueryOf(stored: unknown): Omit<OscarVariableQuery, 'refId'> {
  const { list, filter, ahead } = (typeof stored === 'string' ? { list: stored } : (stored ?? {})) as {
    list?: unknown;
    filter?: unknown;
    ahead?: unknown;
  };
  if (!valueListNames.some((name) => name === list)) {
    throw new Error(`unknown list ${JSON.stringify(list ?? '')}; valid are: ${valueListNames.join(', ')}`);
  }
  if (!v.is(v.nullish(v.string()), filter)) {
    throw new Error('filter must be a text');
  }
  if (!v.is(v.nullish(v.array(v.picklist(aheadSources))), ahead)) {
    throw new Error(`ahead must be a list of ${aheadSources.join(', ')}`);
  }
  return { list: list as ValueListName, filter: filter ?? undefined, ahead: ahead ?? undefined };
}

/** The queries whose results hold the values of a list. Their reference ids begin with `refId`. */
export function queriesOfList(list: ValueListName, refId: string): OscarQuery[] {
  return sources[list].queries.map((query, index) => ({ refId: index === 0 ? refId : `${refId}${index}`, ...query }));
}

/** The values in the results of `queriesOfList`, once each, ordered by their text. */
export function valuesIn(frames: readonly DataFrame[], list: ValueListName, filter = ''): MetricFindValue[] {
  const { value: valueColumn, text: textColumn } = sources[list];
  const byValue = new Map<string, MetricFindValue>();
  for (const { fields } of frames) {
    const values: unknown[] = fields.find(({ name }) => name === valueColumn)?.values ?? [];
    const texts: unknown[] = fields.find(({ name }) => name === textColumn)?.values ?? [];
    values.forEach((cell, index) => {
      const value = plainText(cell);
      if (value !== '') {
        byValue.set(value, { value, text: plainText(texts[index]) || value });
      }
    });
  }
  const wanted = filter.trim().toLowerCase();
  return [...byValue.values()]
    .filter(({ value, text }) => `${text}\n${value}`.toLowerCase().includes(wanted))
    .sort((a, b) => a.text.localeCompare(b.text, 'en') || String(a.value).localeCompare(String(b.value), 'en'));
}

/** The text of a table's cell without the `'` that keeps spreadsheets from taking it for a formula. */
function plainText(cell: unknown): string {
  return typeof cell === 'string' ? plainCell(cell) : '';
}
