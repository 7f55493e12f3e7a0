import { type SourceName, sourceNames } from '../domain/sources';
import { type UsageQuery } from '../query';
import { type Needs } from '../sources/source';
import { type Column, type Report } from './report';

/** What a query shows of a report, and what it has to ask for that. */
export interface Selection {
  /** The columns of the table, in the contract's order. */
  shown: readonly Column[];
  /** The columns that a time series draws. */
  drawn: readonly Column[];
  /** The sources that any of it depends on, in the contract's order: no other one is asked or judged. */
  sources: readonly SourceName[];
  needs: Needs;
  /** True when the query names columns, so that rows without a figure in them are left out. */
  isChosen: boolean;
}

/** Columns of a table that no report declares; to name them changes nothing. */
const columnsOfFrame: readonly string[] = ['period', 'completeness_notes'];

/** Selects the columns of a query (contract, "Result frames", `columns`). An empty list means all, as an absent one does. */
export function selectionOf(report: Report, query: UsageQuery): Selection {
  const columns = report.columns(query);
  const named = namedIn(query);
  const shown = columns
    .filter((column) => isShown(column, named, query))
    // Who names a column gets it, also where no row has a value.
    .map((column) => (named && column.role === 'optional' ? { ...column, role: undefined } : column));
  const drawable = named ?? new Set(report.series?.drawn);
  const drawn = columns.filter((column) => isNumber(column) && drawable.has(column.name));
  const chosen =
    query.format === 'timeseries' ? drawn : shown.filter(({ role }) => role !== 'key' && role !== 'status');
  // Who names nothing but keys or the status asks for what these alone are made of.
  const judged = chosen.length > 0 ? chosen : shown.filter(({ name }) => named?.has(name));
  const sources = sourceNames.filter((source) => judged.some((column) => column.sources.includes(source)));
  const needs = { ...needsOf(sources, judged), ...(report.showsExamples && { examples: true }) };
  return { shown, drawn, sources, needs, isChosen: named !== undefined };
}

/** Says which chosen columns are none, and what is valid; undefined when all are. */
export function columnsProblem(report: Report, query: UsageQuery): string | undefined {
  const { columns, format } = query;
  if (columns === undefined || columns === null) {
    return undefined;
  }
  if (!Array.isArray(columns) || !columns.every((name) => typeof name === 'string')) {
    return 'columns must be a list of column names';
  }
  const names = report.columns(query).map(({ name }) => name);
  const unknown = columns.find((name) => !names.includes(name) && !columnsOfFrame.includes(name));
  if (unknown !== undefined) {
    return `unknown column ${JSON.stringify(unknown)}; valid are: ${names.join(', ')}`;
  }
  if (format !== 'timeseries' || columns.length === 0 || selectionOf(report, query).drawn.length > 0) {
    return undefined;
  }
  return `none of the columns ${columns.join(', ')} can be shown over time; valid are: ${drawableNames(report, query).join(', ')}`;
}

/** The names that `columns` of a query may hold to some effect: key and status are there anyway. */
export function choosableNames(report: Report, query: UsageQuery): string[] {
  return query.format === 'timeseries'
    ? drawableNames(report, query)
    : report.columns(query).flatMap(({ name, role }) => (role === 'key' || role === 'status' ? [] : [name]));
}

function drawableNames(report: Report, query: UsageQuery): string[] {
  return report.series ? report.columns(query).flatMap((column) => (isNumber(column) ? [column.name] : [])) : [];
}

export function isNumber({ type }: Column): boolean {
  return type !== 'text' && type !== 'flag';
}

function namedIn({ columns }: UsageQuery): ReadonlySet<string> | undefined {
  return columns && columns.length > 0 ? new Set(columns) : undefined;
}

function isShown(column: Column, named: ReadonlySet<string> | undefined, { includeUsers }: UsageQuery): boolean {
  const { name, role } = column;
  if (role === 'key' || role === 'status') {
    return true;
  }
  return named ? named.has(name) : role !== 'asked' || includeUsers === true;
}

function needsOf(sources: readonly SourceName[], columns: readonly Column[]): Needs {
  const needed = new Set(sources);
  return {
    // Countries are labels of the request lines.
    requests: needed.has('request-logs') || needed.has('country-attribution'),
    exposed: needed.has('exposed-request-logs'),
    cpu: needed.has('usage-cpu'),
    gpu: needed.has('usage-gpu'),
    inventory: needed.has('service-inventory'),
    ...(columns.some(({ times }) => times) && { times: true }),
  };
}
