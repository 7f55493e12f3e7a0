import {
  createDataFrame,
  type DataFrame,
  type Field,
  type FieldConfig,
  FieldType,
  type QueryResultMetaNotice,
} from '@grafana/data';

import { type CompletenessEntry, type Notice } from '../../core/completeness/notices';
import { type Block, type Cell, type Column } from '../../core/reports/report';
import { type Work } from '../../core/turns';

export interface TableMeta {
  name: string;
  refId: string;
  executedQueryString: string;
  notices: readonly Notice[];
  completeness: CompletenessEntry[];
}

/** Decimals on screen. No unit: it is in the column's name, so that an exported CSV holds plain numbers. */
const decimals: Readonly<Record<Column['type'], number | undefined>> = {
  text: undefined,
  count: 0,
  hours: 2,
  percent: 1,
  // Counts and hours in one column: without a number of decimals, large hours would be shown as whole numbers.
  number: 2,
  flag: undefined,
};

const fieldTypes: Readonly<Record<Column['type'], FieldType>> = {
  text: FieldType.string,
  count: FieldType.number,
  hours: FieldType.number,
  percent: FieldType.number,
  number: FieldType.number,
  flag: FieldType.boolean,
};

/** The column after all others that says why rows are not whole. */
const notesColumn = 'completeness_notes';

/** Rows between two interruptions. */
const rowsAtOnce = 5000;

interface Placed {
  row: Block['rows'][number];
  period: Block['period'];
}

/** One frame with the columns in their order, also when there is no row; optional ones where a row has a value. */
export function* tableFrame(columns: readonly Column[], blocks: readonly Block[], meta: TableMeta): Work<DataFrame> {
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
  const fields: Field[] = [];
  for (const { name, type } of shown) {
    fields.push({ name, type: fieldTypes[type], config: configOf(type), values: yield* valuesOf(rows, name) });
    yield;
  }
  return {
    ...createDataFrame({
      name: meta.name,
      refId: meta.refId,
      fields,
      meta: {
        preferredVisualisationType: 'table',
        executedQueryString: meta.executedQueryString,
        notices: inspectable(meta.notices),
        custom: { completeness: meta.completeness },
      },
    }),
    length: rows.length,
  };
}

/** The notices of a panel, which lead to the completeness of each source in its inspector. */
export function inspectable(notices: readonly Notice[]): QueryResultMetaNotice[] {
  return notices.map((notice) => ({ ...notice, inspect: 'meta' }));
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
    return notes.join('; ');
  }
  return (column === 'period' ? period?.label : cells[column]) ?? null;
}

function configOf(type: Column['type']): FieldConfig {
  const places = decimals[type];
  return places === undefined ? {} : { decimals: places };
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
