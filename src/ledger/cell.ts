import { type Span } from '../domain/span';
import { type KeyTable } from './keyTable';

/** The complete counts of one stretch of time, by key number. Immutable. */
export interface Cell extends Span {
  /** Key numbers, ascending. */
  ids: Uint32Array;
  /** Requests of the key at the same index, at least one. */
  counts: Uint32Array;
  /** Lines that passed the filter but are not of a known form. */
  unparsed: number;
  /** What Loki said about its answer, such as that it is partial; absent when it said nothing. */
  warnings?: readonly string[];
}

/** One group of equal lines: the extracted text (empty when the parser did not match), its labels, how many. */
export interface LineGroup {
  text: string;
  labels: Readonly<Record<string, string>>;
  count: number;
}

/** Builds the cell of `span` from all its lines. Lines that are no request are left out. */
export function buildCell(span: Span, groups: Iterable<LineGroup>, table: KeyTable): Cell {
  const countById = new Map<number, number>();
  let unparsed = 0;
  for (const { text, labels, count } of groups) {
    if (text === '') {
      unparsed += count;
      continue;
    }
    const id = table.idOf(text, labels);
    if (id !== undefined && count > 0) {
      countById.set(id, (countById.get(id) ?? 0) + count);
    }
  }
  const ids = Uint32Array.from(countById.keys()).sort();
  return { ...span, ids, counts: ids.map((id) => countById.get(id) ?? 0), unparsed };
}

/** The same cell with other numbers for its keys. */
export function renumbered(cell: Cell, numberOf: (id: number) => number): Cell {
  const pairs = Array.from(cell.ids, (id, index) => [numberOf(id), cell.counts[index] as number] as const);
  pairs.sort(([a], [b]) => a - b);
  return { ...cell, ids: Uint32Array.from(pairs, ([id]) => id), counts: Uint32Array.from(pairs, ([, count]) => count) };
}

/** Memory of a cell in bytes: its arrays and the objects around them. */
export function cellBytes(cell: Cell): number {
  return cell.ids.byteLength + cell.counts.byteLength + 200;
}
