import Table from 'cli-table3';

import { type Table as Figures, type TableColumn } from '../../src/core/reports/table';
import { rangeText, zoneName } from '../range/wording';
import { queryTitle, tableIn, type WrittenReport } from './report';
import { isNumeric, printable, shownCell } from './text';

/** Signs of a cell that are shown. */
const maxCell = 60;

/** Up to so many rows stand side by side, each in a column, where there are more columns than fit on a screen. */
const maxAside = 3;
const manyColumns = 8;

/** For a terminal. */
export function asTable(report: WrittenReport): string {
  const { query, range, zone, answer, notices, isComplete } = report;
  const figures = tableIn(answer);
  const isAside = figures.length > 0 && figures.length <= maxAside && figures.columns.length > manyColumns;
  const cut = { any: false };
  const text = isAside ? aside(figures, cut) : rows(figures, cut);
  return [
    printable(`${queryTitle(query)}, ${rangeText(range, zone)}, time zone ${zoneName(zone)}`),
    figures.length === 0 ? 'no rows' : text,
    ...notices.map(({ severity, text: notice }) => printable(`${severity}: ${notice}`)),
    ...(cut.any ? [`info: cells are cut off after ${maxCell} characters (…); the other formats have all of them`] : []),
    `complete: ${isComplete ? 'yes' : 'no'}`,
    '',
  ].join('\n');
}

interface Cut {
  any: boolean;
}

function rows({ columns, length }: Figures, cut: Cut): string {
  const table = drawn(
    columns.map(({ name }) => name),
    columns.map(isNumeric)
  );
  for (let row = 0; row < length; row += 1) {
    table.push(columns.map((column) => cellText(column, row, cut)));
  }
  return table.toString();
}

/** A row for each column. */
function aside({ columns, length }: Figures, cut: Cut): string {
  const table = drawn(undefined, [false, ...Array.from({ length }, () => true)]);
  for (const column of columns) {
    table.push([printable(column.name), ...Array.from({ length }, (_, row) => cellText(column, row, cut))]);
  }
  return table.toString();
}

function drawn(head: readonly string[] | undefined, right: readonly boolean[]): Table.Table {
  return new Table({
    head: head?.map((name) => printable(name)),
    colAligns: right.map((isRight) => (isRight ? 'right' : 'left')),
    style: { head: [], border: [], compact: true },
    wordWrap: false,
  });
}

function cellText({ type, values }: TableColumn, row: number, cut: Cut): string {
  const text = printable(shownCell(values[row] ?? null, type));
  const signs = Array.from(text);
  if (signs.length <= maxCell) {
    return text;
  }
  cut.any = true;
  return `${signs.slice(0, maxCell - 1).join('')}…`;
}
