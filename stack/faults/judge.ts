import { type Row } from '../conformance/frames';
import { sourcesOfCell } from './dependencies';
import { nameOf, type ReportAnswer, type SourceEntry } from './reports';

type Result = NonNullable<ReportAnswer['result']>;

const rank = { ok: 0, partial: 1, missing: 2 } as const;

const sameHours = 1e-7;

/** Columns that say which row it is. */
const keyColumns = ['time', 'period', 'service', 'metric', 'key', 'country', 'membership', 'source', 'figure'];

/** Columns that say how far a row can be trusted, not what was counted. */
const statements = new Set([
  ...['completeness', 'status', 'coverage_percent', 'covered_from', 'covered_to', 'last_updated', 'notes'],
  'completeness_notes',
  ...['affected_metrics', 'country_name', 'unit', 'start_time', 'end_time'],
]);

/**
 * What is wrong with an answer, as sentences; empty when each figure is the true one or flagged. `mayFail` says which
 * sources the faults can have touched.
 */
export function judge(truth: ReportAnswer, answer: ReportAnswer, mayFail: (source: string) => boolean): string[] {
  const say = (problem: string) => `${nameOf(answer.target)}: ${problem}`;
  if (!truth.result) {
    throw new Error(`${nameOf(truth.target)} has no true answer to compare with`);
  }
  if (!answer.result) {
    const standing = truth.result.sources.filter(({ source, status }) => status !== 'missing' && !mayFail(source));
    return standing.length > 0
      ? [say(`an error (${answer.error}) hides ${standing.map(({ source }) => source).join(', ')}`)]
      : [];
  }
  return [
    ...judgeStatements(truth.result, answer.result, mayFail),
    ...judgeRows(truth.result, answer.result, answer.target.queryType),
  ].map(say);
}

/** Sources that are worse than they are without faults. */
export function flaggedIn(truth: Result, answer: Result): SourceEntry[] {
  return answer.sources.filter((entry) => {
    const usual = truth.sources.find(({ source }) => source === entry.source)?.status ?? 'ok';
    return rank[entry.status] > rank[usual];
  });
}

function judgeStatements(truth: Result, answer: Result, mayFail: (source: string) => boolean): string[] {
  const flagged = flaggedIn(truth, answer);
  const innocent = flagged.filter(({ source }) => !mayFail(source));
  const silent = truth.sources.filter(({ source }) => !answer.sources.some((entry) => entry.source === source));
  return [
    ...innocent.map(({ source, status }) => `${source} is ${status}, although no fault affected it`),
    ...silent.map(({ source }) => `${source} is not mentioned`),
    ...(flagged.length > 0 && answer.warnings.length === 0 ? ['sources are flagged, but there is no notice'] : []),
  ];
}

function judgeRows(truth: Result, answer: Result, queryType: string): string[] {
  const flagged = new Set(flaggedIn(truth, answer).map(({ source }) => source));
  const missing = new Set(answer.sources.filter(({ status }) => status === 'missing').map(({ source }) => source));
  const rows = new Map(answer.rows.map((row) => [keyOf(row), row]));
  const known = new Set(truth.rows.map(keyOf));
  const problems = truth.rows.flatMap((expected) => {
    const row = rows.get(keyOf(expected));
    if (!row) {
      return flagged.size > 0 ? [] : [`the row ${keyOf(expected)} is missing`];
    }
    return judgeRow(expected, row, (column) => sourcesOfCell(queryType, column, expected), { flagged, missing });
  });
  const strangers = answer.rows.filter((row) => !known.has(keyOf(row)) && figuresOf(row).some(([, value]) => value));
  return [...problems, ...strangers.map((row) => `the row ${JSON.stringify(row)} should not be there`)];
}

function judgeRow(
  expected: Row,
  row: Row,
  sourcesOf: (column: string) => readonly string[] | undefined,
  { flagged, missing }: { flagged: ReadonlySet<string>; missing: ReadonlySet<string> }
): string[] {
  return figuresOf(expected).flatMap(([column, value]) => {
    const got = row[column];
    const sources = sourcesOf(column);
    const what = `${keyOf(row)} ${column} is ${show(got)} instead of ${show(value)}`;
    if (isSame(got, value)) {
      return [];
    }
    if (sources?.every((source) => missing.has(source)) && got !== null) {
      return [`${what}, although its source is missing`];
    }
    if (![...flagged].some((source) => sources?.includes(source) ?? true)) {
      return [`SILENTLY WRONG: ${what}`];
    }
    return row.completeness === 'ok' ? [`SILENTLY WRONG: ${what}, and the row says ok`] : [];
  });
}

/** What is not exactly as it would be without any fault. */
export function differences(truth: ReportAnswer, answer: ReportAnswer): string[] {
  const say = (problem: string) => `${nameOf(answer.target)}: ${problem}`;
  if (!truth.result || !answer.result) {
    return [say(answer.error ?? 'no answer')];
  }
  const rows = new Map(answer.result.rows.map((row) => [keyOf(row), row]));
  return [
    ...flaggedIn(truth.result, answer.result).map(
      ({ source, status, notes }) => `${source} is ${status}: ${notes.join('; ')}`
    ),
    ...(answer.result.rows.length === truth.result.rows.length
      ? []
      : [`${answer.result.rows.length} rows instead of ${truth.result.rows.length}`]),
    ...truth.result.rows.flatMap((expected) =>
      figuresOf(expected)
        .filter(([column, value]) => !isSame(rows.get(keyOf(expected))?.[column], value))
        .map(([column, value]) => {
          return `${keyOf(expected)} ${column} is ${show(rows.get(keyOf(expected))?.[column])} instead of ${show(value)}`;
        })
    ),
  ].map(say);
}

function keyOf(row: Row): string {
  return keyColumns.flatMap((column) => (row[column] === undefined ? [] : [String(row[column])])).join('/') || 'row';
}

function figuresOf(row: Row): Array<[column: string, value: unknown]> {
  return Object.entries(row).filter(([column]) => !statements.has(column) && !keyColumns.includes(column));
}

/**
 * Hours of usage records are rounded to a billionth for each quarter hour, so that half a day of some services may differ in the seventh
 * digit. Counts are smaller than what would make a difference of one pass.
 */
function isSame(a: unknown, b: unknown): boolean {
  return typeof a === 'number' && typeof b === 'number'
    ? Math.abs(a - b) <= sameHours * Math.max(1, Math.abs(a), Math.abs(b))
    : a === b;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
