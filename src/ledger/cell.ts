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
  /** When each of its services was first and last called; only where the lines were read. */
  seen?: ServiceTimes;
  /** What Loki said about its answer, such as that it is partial; absent when it said nothing. */
  warnings?: readonly string[];
}

/** First and last time of each service, in ms since the epoch, at the same index. */
export interface ServiceTimes {
  services: readonly string[];
  first: Float64Array;
  last: Float64Array;
}

/** One group of equal lines: the extracted text (empty when the parser did not match), its labels, how many. */
export interface LineGroup {
  text: string;
  labels: Readonly<Record<string, string>>;
  count: number;
  /** First and last of them, in ms since the epoch (contract rule 5), where that is known. */
  seen?: readonly [first: number, last: number];
}

/** Builds the cell of `span` from all its lines. Lines that are no request are left out. */
export function buildCell(span: Span, groups: Iterable<LineGroup>, table: KeyTable): Cell {
  const countById = new Map<number, number>();
  const seenById = new Map<number, readonly [number, number]>();
  let unparsed = 0;
  for (const { text, labels, count, seen } of groups) {
    if (text === '') {
      unparsed += count;
      continue;
    }
    const id = table.idOf(text, labels);
    if (id !== undefined && count > 0) {
      countById.set(id, (countById.get(id) ?? 0) + count);
      if (seen) {
        seenById.set(id, around(seenById.get(id), seen));
      }
    }
  }
  const ids = Uint32Array.from(countById.keys()).sort();
  const cell = { ...span, ids, counts: ids.map((id) => countById.get(id) ?? 0), unparsed };
  return seenById.size > 0 ? { ...cell, seen: seenByService(seenById, table) } : cell;
}

function seenByService(seenById: ReadonlyMap<number, readonly [number, number]>, table: KeyTable): ServiceTimes {
  const column = table.column('service');
  const byService = new Map<number, readonly [number, number]>();
  seenById.forEach((seen, id) => byService.set(column.at(id), around(byService.get(column.at(id)), seen)));
  const times = [...byService.values()];
  const { names } = table.dictionary('service');
  return {
    services: Array.from(byService.keys(), (service) => names[service] ?? ''),
    first: Float64Array.from(times, ([first]) => first),
    last: Float64Array.from(times, ([, last]) => last),
  };
}

function around(
  one: readonly [number, number] | undefined,
  other: readonly [number, number]
): readonly [number, number] {
  return one ? [Math.min(one[0], other[0]), Math.max(one[1], other[1])] : other;
}

/** The same cell with other numbers for its keys. */
export function renumbered(cell: Cell, numberOf: (id: number) => number): Cell {
  const pairs = Array.from(cell.ids, (id, index) => [numberOf(id), cell.counts[index] as number] as const);
  pairs.sort(([a], [b]) => a - b);
  return { ...cell, ids: Uint32Array.from(pairs, ([id]) => id), counts: Uint32Array.from(pairs, ([, count]) => count) };
}

/** Memory of a cell in bytes: its arrays and the objects around them. */
export function cellBytes(cell: Cell): number {
  // Names are those of the dictionary: 8 bytes each, as each of the two times.
  return cell.ids.byteLength + cell.counts.byteLength + 24 * (cell.seen?.services.length ?? 0) + 200;
}
