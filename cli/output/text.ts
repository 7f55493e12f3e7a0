import { type Cell } from '../../src/core/reports/report';
import { decimalsOf, type TableColumn } from '../../src/core/reports/table';

/**
 * Signs that a terminal obeys instead of showing them (C0, DEL, C1), that break a line, or that change the order of what stands
 * around them (Unicode's bidirectional controls).
 */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A text that a terminal shows as it is, on one line: what it would obey is written as `\u001b`. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** JSON that a terminal shows as it is: the same values, since only texts can hold such signs. Line ends between them stay. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replace(unprintable, (sign) =>
    sign === '\n' ? sign : escaped(sign)
  );
}

/** CSV as a terminal shows it; line ends and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));
}

const formats = new Map<number, Intl.NumberFormat>();

/** A cell for people: grouped digits, the decimals of its column, a dash for what is not known. */
export function shownCell(cell: Cell, type: TableColumn['type']): string {
  if (cell === null) {
    return '–';
  }
  if (typeof cell === 'number') {
    return shownNumber(cell, decimalsOf[type]);
  }
  return typeof cell === 'boolean' ? (cell ? 'yes' : 'no') : cell;
}

function shownNumber(value: number, decimals = 0): string {
  // A metric's counts and hours share a column: whole numbers need no decimals.
  const digits = Number.isInteger(value) && decimals === 2 ? 0 : decimals;
  const format =
    formats.get(digits) ??
    new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  formats.set(digits, format);
  return format.format(value);
}

export function isNumeric({ type }: Pick<TableColumn, 'type'>): boolean {
  return type !== 'text' && type !== 'flag';
}
