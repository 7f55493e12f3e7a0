import { othersKey } from '../domain/others';
import { type UsageQuery } from '../query';
import { sortedInSteps, type Work } from '../runtime/turns';
import { rowOrder, rowTest } from './arrange';
import { limitOf } from './queryLimit';
import { type Facts, type Kept, type Limited, type Report, type ReportContext, type Row } from './report';
import { isNumber, type Selection, selectionOf } from './selection';

/** Rows between two interruptions. */
const rowsAtOnce = 1000;

/** Which rows a limit keeps, and what to say of the others. */
export interface Choice {
  kept: Kept;
  /** How many rows are merged over the whole range; the most that a group has. */
  merged: number;
}

/** Names of the rows of a group, in their order, and those that are never shown. */
interface Names {
  all: string[];
  hidden: Set<string>;
}

/**
 * The rows or series that a limit keeps, and users whom nothing hides, the same ones for the whole range: those that come first when all are sorted as the
 * contract says, of each group. Undefined where nothing has to be merged. `facts` are those of the whole range.
 *
 * A user who is called `(others)` is always one of the others where there are any, so that no two rows have this name.
 */
export function* chooseKept(report: Report, context: ReportContext, facts: () => Facts): Work<Choice | undefined> {
  const limit = limitOf(context.query) ?? Infinity;
  const { limited } = report;
  const protects = limited?.isProtected !== undefined && context.protectedUsers !== undefined;
  if (!limited || (limit === Infinity && !protects)) {
    return undefined;
  }
  const whole = facts();
  const { rows } = yield* countedRows(report, context, whole);
  const order = rowOrder(report, rankingOf(report, context).selection);
  const sorted = order ? yield* sortedInSteps(rows, order) : rows;
  const isHidden = (row: Row) => protects && limited.isProtected?.(row, whole, context) === true;
  const groups = yield* namesByGroup(sorted, limited, isHidden);
  const larger = [...groups].filter(([, { all, hidden }]) => all.length > limit || hidden.size > 0);
  if (larger.length === 0) {
    return undefined;
  }
  const kept = new Map<string, ReadonlySet<string>>();
  for (const [group, names] of larger) {
    yield;
    kept.set(group, keptOf(names, limit));
  }
  const merged = Math.max(...larger.map(([group, { all }]) => all.length - (kept.get(group)?.size ?? 0)));
  return { kept, merged };
}

function* namesByGroup(
  rows: readonly Row[],
  limited: Limited,
  isHidden: (row: Row) => boolean
): Work<Map<string, Names>> {
  const groups = new Map<string, Names>();
  for (const [index, row] of rows.entries()) {
    const group = limited.groupOf(row);
    const names = groups.get(group) ?? { all: [], hidden: new Set() };
    groups.set(group, names);
    const name = limited.nameOf(row);
    names.all.push(name);
    if (isHidden(row)) {
      names.hidden.add(name);
    }
    if (index % rowsAtOnce === 0) {
      yield;
    }
  }
  return groups;
}

function keptOf({ all, hidden }: Names, limit: number): ReadonlySet<string> {
  const first: string[] = [];
  for (const name of all) {
    if (first.length >= limit) {
      break;
    }
    if (name !== othersKey && !hidden.has(name)) {
      first.push(name);
    }
  }
  // A single one among the others would be told by them: the next smallest goes with it (option `smallestGroup`).
  const isAlone = hidden.size > 0 && all.length - first.length === 1;
  return new Set(isAlone ? first.slice(0, -1) : first);
}

/**
 * What is kept in a span: where columns are chosen, rows without a figure are left out, and must not become part of the
 * others' texts. They are kept apart, to be left out as without a limit.
 */
export function* keptInSpan(report: Report, context: ReportContext, facts: Facts, kept: Kept): Work<Kept> {
  const { limited } = report;
  const { isChosen, shown } = selectionOf(report, context.query);
  const hasText = shown.some((column) => !isNumber(column) && (column.role === undefined || column.role === 'asked'));
  if (!limited || !isChosen || !hasText || context.query.format === 'timeseries') {
    return kept;
  }
  const { idle } = yield* countedRows(report, context, facts);
  if (idle.length === 0) {
    return kept;
  }
  const own = new Map(Array.from(kept, ([group, names]) => [group, new Set(names)] as const));
  for (const row of idle) {
    own.get(limited.groupOf(row))?.add(limited.nameOf(row));
  }
  return own;
}

interface Ranking {
  /** The same question with nothing but the numbers by which rows are ranked and left out. */
  context: ReportContext;
  selection: Selection;
}

function rankingOf(report: Report, context: ReportContext): Ranking {
  const { query } = context;
  const { shown, drawn, isChosen } = selectionOf(report, query);
  const isSeries = query.format === 'timeseries';
  const numbers = (isSeries ? drawn : shown.filter(isNumber)).map(({ name }) => name);
  const keys = shown.flatMap(({ name, role }) => (role === 'key' ? [name] : []));
  // All rows of a table without chosen columns are there, so that the first number is enough.
  const columns = [...keys, ...(isChosen ? numbers : numbers.slice(0, 1))];
  const ranking: UsageQuery = { ...query, format: 'table', columns };
  return { context: { ...context, kept: undefined, query: ranking }, selection: selectionOf(report, ranking) };
}

/** The rows of a span that the query has without a limit, in no order, but those that stand after all others. */
function* countedRows(report: Report, context: ReportContext, facts: Facts): Work<{ rows: Row[]; idle: Row[] }> {
  const ranking = rankingOf(report, context);
  const { isChosen } = selectionOf(report, context.query);
  const leavesOut = isChosen && context.query.format !== 'timeseries';
  const hasFigure = rowTest(report, ranking.selection);
  const rows: Row[] = [];
  const idle: Row[] = [];
  const all = yield* report.rows(facts, ranking.context);
  for (const [index, row] of all.entries()) {
    if (row.last === undefined) {
      (leavesOut && !hasFigure(row) ? idle : rows).push(row);
    }
    if (index % rowsAtOnce === 0) {
      yield;
    }
  }
  return { rows, idle };
}
