import { type Row } from '../conformance/frames';
import { sourcesOfCell } from '../faults/dependencies';
import { type SourceEntry } from '../faults/reports';
import { type Outcome } from '../traffic/outcomes';
import { limit, type Reading, titleOf } from './readings';

/** What became of the figures that were compared. */
export interface Verdict {
  exact: number;
  flagged: number;
  /** Figures that are what a claim says that nothing can tell from the truth. */
  claimed: number;
  /** Silently wrong figures, as sentences. */
  wrong: string[];
}

/** What the figures have to be. */
export interface Expectation {
  truth: Reading;
  /** What they may be as well. */
  claimed?: Reading;
  /** The honest lines alone: what is marked there is not marked because of an attack. */
  usual: Reading;
}

const rank = { ok: 0, partial: 1, missing: 2 } as const;

/** Columns that say which row it is. */
const keyColumns = new Set([
  ...[
    'time',
    'series',
    'period',
    'service',
    'user',
    'type',
    'metric',
    'key',
    'country',
    'membership',
    'source',
    'figure',
  ],
]);

/** Columns that say how far a row can be trusted, not what was counted. */
const statements = new Set([
  ...['completeness', 'completeness_notes', 'status', 'coverage_percent', 'covered_from', 'covered_to', 'last_updated'],
  ...['affected_metrics', 'notes'],
]);

export function emptyVerdict(): Verdict {
  return { exact: 0, flagged: 0, claimed: 0, wrong: [] };
}

export function addVerdict(sum: Verdict, { exact, flagged, claimed, wrong }: Verdict): void {
  sum.exact += exact;
  sum.flagged += flagged;
  sum.claimed += claimed;
  sum.wrong.push(...wrong);
}

/** Compares every figure of an answer. Rows are told apart by their keys, so that their order does not matter. */
export function judge(actual: Reading, { truth, claimed, usual }: Expectation): Verdict {
  const verdict = emptyVerdict();
  const say = (problem: string) => verdict.wrong.push(`${titleOf(actual.target)}: ${problem}`);
  if (truth.error !== undefined || actual.error !== undefined) {
    say(`no answer: ${actual.error ?? `nothing to compare with (${truth.error})`}`);
    return verdict;
  }
  const flagged = flaggedIn(usual.sources, actual.sources);
  const [own, expected, other] = [byKey(actual.rows), byKey(truth.rows), claimed && byKey(claimed.rows)];
  for (const key of new Set([...own.keys(), ...expected.keys()])) {
    const rows = { row: own.get(key), wanted: expected.get(key), claim: other && (other.get(key) ?? {}) };
    for (const column of columnsOf(rows.row, rows.wanted)) {
      const kind = kindOf(actual.target.queryType, column, rows, flagged);
      if (kind === 'wrong') {
        say(`${key} ${column} is ${show(rows.row?.[column])} instead of ${show(rows.wanted?.[column])}`);
      } else {
        verdict[kind] += 1;
      }
    }
  }
  return verdict;
}

interface Rows {
  row?: Row;
  wanted?: Row;
  claim?: Row;
}

/** What became of one cell. A figure is flagged when a source that it depends on is, and its row does not say otherwise. */
function kindOf(
  queryType: string,
  column: string,
  { row, wanted, claim }: Rows,
  flagged: ReadonlySet<string>
): 'exact' | 'flagged' | 'claimed' | 'wrong' {
  const value = row?.[column];
  if (isSame(value, wanted?.[column])) {
    return 'exact';
  }
  const sources = sourcesOfCell(queryType, column, row ?? wanted ?? {});
  if (row?.completeness !== 'ok' && [...flagged].some((source) => sources?.includes(source) ?? true)) {
    return 'flagged';
  }
  return claim && isSame(value, claim[column]) ? 'claimed' : 'wrong';
}

/** The readings without what an attacker with a name of their own may add: rows of honest services and users. */
export function honestPart(honest: Reading, actual: Reading): { honest: Reading; actual: Reading } {
  const isNamed = ({ service, key }: Row) => !/^(?:\(.*\)|)$/.test(String(service ?? key ?? ''));
  const rows = honest.rows.filter(isNamed);
  const keys = new Set(byKey(rows).keys());
  const same = [...byKey(actual.rows)].flatMap(([key, row]) => (keys.has(key) ? [row] : []));
  return { honest: { ...honest, rows }, actual: { ...actual, rows: same } };
}

/** Sources that are worse than they are without the attack. */
function flaggedIn(honest: readonly SourceEntry[], actual: readonly SourceEntry[]): Set<string> {
  return new Set(
    actual
      .filter(({ source, status }) => {
        const usual = honest.find((entry) => entry.source === source)?.status ?? 'ok';
        return rank[status] > rank[usual];
      })
      .map(({ source }) => source)
  );
}

/** What holds of every answer, whatever was sent: a sentence for each check, undefined where it holds. */
export function manners(actual: Reading, isFormula: (text: string) => boolean, secrets: readonly string[]): Verdict {
  const verdict = emptyVerdict();
  const check = (problem: string | undefined) => {
    if (problem === undefined) {
      verdict.exact += 1;
    } else {
      verdict.wrong.push(`${titleOf(actual.target)}: ${problem}`);
    }
  };
  const formula = actual.cells.find(isFormula);
  check(formula === undefined ? undefined : `the cell ${show(formula)} is a formula`);
  const secret = secrets.find((text) => actual.meta.includes(text));
  check(secret === undefined ? undefined : `the answer carries ${show(secret)} beside its cells`);
  if (actual.target.limit !== undefined) {
    const most = Math.max(0, ...namesByGroup(actual.rows).map(({ size }) => size));
    check(most <= limit ? undefined : `${most} rows or series instead of ${limit}`);
  }
  return verdict;
}

/** Requests by what became of them. */
export type Totals = Readonly<Record<Outcome, number>>;

/** Compares a summary with how many requests there were, so that what figures are compared with is right itself. */
export function judgeTotals({ target, rows: [row] }: Reading, { succeeded, failed, rejected }: Totals): Verdict {
  const verdict = emptyVerdict();
  const expected = {
    requests_count_total: succeeded + failed,
    requests_count_failed: failed,
    requests_count_rejected: rejected,
  };
  for (const [column, value] of Object.entries(expected)) {
    if (row?.[column] === value) {
      verdict.exact += 1;
    } else {
      verdict.wrong.push(`${titleOf(target)} of plain lines: ${column} is ${show(row?.[column])} instead of ${value}`);
    }
  }
  return verdict;
}

/** Names of the rows or series that a limit counts, for each figure that has a limit of its own. */
function namesByGroup(rows: readonly Row[]): Array<Set<string>> {
  const groups = new Map<string, Set<string>>();
  for (const { metric, series, service, user, country, key } of rows) {
    const group = String(metric ?? series ?? '');
    const name = [service, user, country, metric === undefined ? key : ''].map((part) => String(part ?? '')).join(' ');
    if (!/\((?:others|rejected)\)/.test(name)) {
      groups.set(group, (groups.get(group) ?? new Set()).add(name));
    }
  }
  return [...groups.values()];
}

/** Rows by their key; those of one key are numbered. */
function byKey(rows: readonly Row[]): Map<string, Row> {
  const found = new Map<string, Row>();
  for (const row of rows) {
    const parts = Object.entries(row).flatMap(([column, value]) => (keyColumns.has(column) ? [String(value)] : []));
    const key = parts.join('/') || 'row';
    let own = key;
    for (let number = 2; found.has(own); number += 1) {
      own = `${key} (${number})`;
    }
    found.set(own, row);
  }
  return found;
}

function columnsOf(row: Row | undefined, wanted: Row | undefined): string[] {
  const names = new Set([...Object.keys(row ?? {}), ...Object.keys(wanted ?? {})]);
  return [...names].filter((column) => !keyColumns.has(column) && !statements.has(column));
}

/** Sums of hours may differ in the last bits; the order of users in a cell is that of their texts. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b));
  }
  if (typeof a === 'string' && typeof b === 'string' && a.includes('|')) {
    return sorted(a) === sorted(b);
  }
  // What has no row is as much as nothing.
  return a === b || (a === undefined && isNothing(b)) || (b === undefined && isNothing(a));
}

function isNothing(value: unknown): boolean {
  return value === null || value === 0 || value === '';
}

function sorted(cell: string): string {
  return cell.split('|').sort().join('|');
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'absent';
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
