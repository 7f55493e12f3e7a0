import { type DataFrame, type MetricFindValue } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { type OscarQuery } from '../types';

/** What a template variable can list. */
export const valueListNames = ['services', 'users', 'countries'] as const;
export type ValueListName = (typeof valueListNames)[number];

/** The query of a template variable: the values that occur in the dashboard's range. */
export interface OscarVariableQuery extends DataQuery {
  list: ValueListName;
  /** Only values that contain this text; upper and lower case are the same. */
  filter?: string;
}

interface Source {
  query: Pick<OscarQuery, 'queryType' | 'groupBy'>;
  value: string;
  text: string;
}

/** The report that knows the values, and its columns. */
const sources: Readonly<Record<ValueListName, Source>> = {
  services: { query: { queryType: 'breakdown', groupBy: 'service' }, value: 'key', text: 'key' },
  users: { query: { queryType: 'breakdown', groupBy: 'user' }, value: 'key', text: 'key' },
  countries: { query: { queryType: 'breakdown', groupBy: 'country' }, value: 'key', text: 'country_name' },
};

/**
 * Reads a variable's query as a dashboard may store it: the query itself, or just the name of the list.
 * Throws an `Error` that names the valid lists.
 */
export function variableQueryOf(stored: unknown): Omit<OscarVariableQuery, 'refId'> {
  const { list, filter } = (
    typeof stored === 'string' ? { list: stored } : (stored ?? {})
  ) as Partial<OscarVariableQuery>;
  if (!valueListNames.some((name) => name === list)) {
    throw new Error(`unknown list ${JSON.stringify(list ?? '')}; valid are: ${valueListNames.join(', ')}`);
  }
  return { list: list as ValueListName, filter };
}

/** The query whose result holds the values of a list. */
export function queryOfList(list: ValueListName, refId: string): OscarQuery {
  return { refId, ...sources[list].query };
}

/** The values in the result of `queryOfList`, once each, ordered by their text. */
export function valuesIn(frame: DataFrame, list: ValueListName, filter = ''): MetricFindValue[] {
  const { value: valueColumn, text: textColumn } = sources[list];
  const values: unknown[] = frame.fields.find(({ name }) => name === valueColumn)?.values ?? [];
  const texts: unknown[] = frame.fields.find(({ name }) => name === textColumn)?.values ?? [];
  const byValue = new Map<string, MetricFindValue>();
  values.forEach((cell, index) => {
    const value = plainText(cell);
    if (value !== '') {
      byValue.set(value, { value, text: plainText(texts[index]) || value });
    }
  });
  const wanted = filter.trim().toLowerCase();
  return [...byValue.values()]
    .filter(({ value, text }) => `${text}\n${value}`.toLowerCase().includes(wanted))
    .sort((a, b) => a.text.localeCompare(b.text, 'en') || String(a.value).localeCompare(String(b.value), 'en'));
}

/** The text of a table's cell without the `'` that keeps spreadsheets from taking it for a formula. */
function plainText(cell: unknown): string {
  return typeof cell === 'string' ? cell.replace(/^'(?=[=+\-@\t\r])/, '') : '';
}
