import { shortened } from '../domain/text';
import { type Work } from '../runtime/turns';
import { type Block, type Cell, type Column } from './report';

/** A column with its values, one for each row; null where there is none. */
export interface TableColumn extends Pick<Column, 'name' | 'type'> {
  values: Cell[];
}

/** A report as people see it. */
export interface Table {
  columns: TableColumn[];
  /** Number of rows. */
  length: number;
}

/** Decimals on screen. No unit: it is in the column's name, so that an exported CSV holds plain numbers. */
export const decimalsOf: Readonly<Record<TableColumn['type'], number | undefined>> = {
  text: undefined,
  count: 0,
  hours: 2,
  percent: 1,
  // Counts and hours in one column: without a number of decimals, large hours would be shown as whole numbers.
  number: 2,
  flag: undefined,
};

/** The column after all others that says why rows are not whole. */
const notesColumn = 'completeness_notes';

/** Characters of the reasons of one row; the report of completeness has all there is to say. */
const maxNotes = 120;

/** Rows between two interruptions. */
const rowsAtOnce = 5000;

interface Placed {
  row: Block['rows'][number];
  period: Block['period'];
}

/**
 * The columns in their order, also when there is no row; optional ones where a row has a value. The period goes before them, and
 * why rows are not whole after them, where there is any. Texts are safe in a spreadsheet.
 */
export function* tableOf(columns: readonly Column[], blocks: readonly Block[]): Work<Table> {
  const hasPeriods = blocks.some(({ period }) => period);
  const rows: Placed[] = [];
  const isEmpty = new Set(columns.flatMap(({ name, role }) => (role === 'optional' ? [name] : [])));
  let hasReasons = false;
  for (const { period, rows: ownRows } of blocks) {
    for (const row of ownRows) {
      rows.push({ row, period });
      hasReasons ||= row.notes.length > 0;
      for (const name of isEmpty) {
        if (hasValue(row.cells[name])) {
          isEmpty.delete(name);
        }
      }
      if (rows.length % rowsAtOnce === 0) {
        yield;
      }
    }
  }
  // Reasons travel with the rows, since a notice does not reach a CSV; a table of whole rows needs no such column.
  const hasNotes = hasReasons && !columns.some(({ name }) => name === 'notes');
  const shown: ReadonlyArray<Pick<Column, 'name' | 'type'>> = [
    ...(hasPeriods ? [{ name: 'period', type: 'text' } as const] : []),
    ...columns.filter(({ name }) => !isEmpty.has(name)),
    ...(hasNotes ? [{ name: notesColumn, type: 'text' } as const] : []),
  ];
  const filled: TableColumn[] = [];
  for (const { name, type } of shown) {
    filled.push({ name, type, values: yield* valuesOf(rows, name) });
    yield;
  }
  return { columns: filled, length: rows.length };
}

function* valuesOf(rows: readonly Placed[], column: string): Work<Cell[]> {
  const values: Cell[] = [];
  for (const { row, period } of rows) {
    values.push(safeCell(cellOf(column, row, period)));
    if (values.length % rowsAtOnce === 0) {
      yield;
    }
  }
  return values;
}

function hasValue(cell: Cell | undefined): boolean {
  return cell !== undefined && cell !== null;
}

function cellOf(column: string, { cells, completeness, notes }: Block['rows'][number], period: Block['period']): Cell {
  if (column === 'completeness') {
    return completeness;
  }
  if (column === notesColumn) {
    return shortened(notes.join('; '), maxNotes);
  }
  return (column === 'period' ? period?.label : cells[column]) ?? null;
}

/** Signs with which a formula begins in some spreadsheet. */
const formulaSigns = new Set(['=', '+', '-', '@', '\t', '\r', '\n']);

/**
 * Text that a spreadsheet would take for a formula is made harmless (contract, "Result frames"): where it begins with a sign of
 * one, in any of its widths and forms (`＝` is `=` by Unicode's compatibility), or with a line feed.
 */
export function safeCell(cell: Cell): Cell {
  return typeof cell === 'string' && beginsFormula(cell) ? `'${cell}` : cell;
}

/** The text of a cell before `safeCell`. */
export function plainCell(cell: string): string {
  return cell.startsWith("'") && beginsFormula(cell.slice(1)) ? cell.slice(1) : cell;
}

function beginsFormula(text: string): boolean {
  return formulaSigns.has(text.slice(0, 1).normalize('NFKC'));
}
