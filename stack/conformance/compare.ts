import { type Row } from './frames';

/** How far hours and percentages may be off. */
const tolerance = 0.05;
/** The rounding of binary fractions must not push a difference of exactly the tolerance over it. */
const rounding = 1e-9;
const approximateColumn = /(^|_)(hours|percent|percentage)(_|$)/;
const hourMetrics = ['cpu-hours', 'gpu-hours'];

/** The differences between the rows, in order and complete; an expected row checks only the columns that it has. */
export function rowDifferences(actual: readonly Row[], expected: readonly Row[]): string[] {
  const differences: string[] = [];
  if (actual.length !== expected.length) {
    differences.push(`expected ${expected.length} rows, got ${actual.length}: ${preview(actual, expected)}`);
  }
  expected.forEach((row, index) => {
    const found = actual[index];
    if (found) {
      differences.push(...cellDifferences(found, row).map((difference) => `row ${index + 1}: ${difference}`));
    }
  });
  return differences;
}

/** The differences between the sources' statuses; only the expected sources are looked at. Null: not mentioned. */
export function sourceDifferences(
  actual: ReadonlyMap<string, unknown>,
  expected: Readonly<Record<string, string | null>>
): string[] {
  return Object.entries(expected)
    .filter(([source, status]) => actual.get(source) !== (status ?? undefined))
    .map(
      ([source, status]) => `source ${source}: expected ${show(status ?? undefined)}, got ${show(actual.get(source))}`
    );
}

/** Whether one of the sources is mentioned as something else than `ok`. */
export function isFlagged(actual: ReadonlyMap<string, unknown>, sources: readonly string[]): boolean {
  return sources.some((source) => actual.has(source) && actual.get(source) !== 'ok');
}

function cellDifferences(actual: Row, expected: Row): string[] {
  return Object.entries(expected).flatMap(([column, value]) => {
    if (!(column in actual)) {
      return [`missing column ${column}`];
    }
    const metric = expected.metric ?? actual.metric;
    const approximate = approximateColumn.test(column) || (column === 'value' && hourMetrics.includes(String(metric)));
    return isEqual(actual[column], value, approximate)
      ? []
      : [`${column}: expected ${show(value)}, got ${show(actual[column])}`];
  });
}

function isEqual(actual: unknown, expected: unknown, approximate: boolean): boolean {
  if (approximate && typeof actual === 'number' && typeof expected === 'number') {
    return Math.abs(actual - expected) <= tolerance + rounding;
  }
  return actual === expected;
}

/** The actual rows, cut down to the columns that matter and to a length that fits on a screen. */
function preview(actual: readonly Row[], expected: readonly Row[]): string {
  const columns = Object.keys(expected[0] ?? actual[0] ?? {});
  const most = 5;
  const rows = actual.slice(0, most).map((row) => JSON.stringify(columns.map((column) => row[column] ?? null)));
  return `[${rows.join(', ')}${actual.length > most ? ', …' : ''}]`;
}

function show(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}
