import { unreadText } from '../domain/exposedLine';
import { cutText } from '../domain/requestLine';
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
  /** Requests to exposed services of which the lines do not tell the service; absent where there are none. */
  unread?: number;
  /** Lines that end before their user: somebody may have written lines into the log; absent where there are none. */
  cut?: number;
  /** When each of its services was first and last called; only where the lines were read. */
  seen?: ServiceTimes;
  /** What Loki said about its answer, such as that it is partial; absent when it said nothing. */
  warnings?: readonly string[];
  /** Where the counts come from, if not from log lines. */
  origin?: CellOrigin;
}

/** A usage record that counts were taken from; who reads records knows more of it. */
export interface CellOrigin {
  /** ISO 8601. */
  readonly recordedAt: string;
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
}

/** Builds the cell of a span from all its lines. Lines that are no request are left out. */
export class CellBuilder {
  private readonly countById = new Map<number, number>();
  private readonly seenByService = new Map<number, { first: number; last: number }>();
  private unparsed = 0;
  private unread = 0;
  private cut = 0;

  constructor(
    private readonly span: Span,
    private readonly table: KeyTable
  ) {}

  /** Different keys so far. */
  get keys(): number {
    return this.countById.size;
  }

  /** `time` is when the lines were logged, where that is known, in ms since the epoch (contract rule 5). */
  add(text: string, labels: LineGroup['labels'], count: number, time?: number): void {
    const id = text === '' ? undefined : this.table.idOf(text, labels);
    this.addLines(text, id, count);
    if (id !== undefined && time !== undefined && this.table.nameOf('service', id) !== '') {
      this.see(this.table.column('service').at(id), time);
    }
  }

  /** Lines with one text, by the number of the key that they stand for, if they stand for one. */
  addLines(text: string, id: number | undefined, count: number): void {
    if (text === '') {
      this.unparsed += count;
    } else if (text === unreadText) {
      this.unread += count;
    } else if (text === cutText) {
      this.cut += count;
    } else if (id !== undefined && count > 0) {
      this.countById.set(id, (this.countById.get(id) ?? 0) + count);
    }
  }

  private see(service: number, time: number): void {
    const known = this.seenByService.get(service);
    if (known) {
      known.first = Math.min(known.first, time);
      known.last = Math.max(known.last, time);
    } else {
      this.seenByService.set(service, { first: time, last: time });
    }
  }

  build(): Cell {
    const ids = Uint32Array.from(this.countById.keys()).sort();
    const counts = ids.map((id) => this.countById.get(id) ?? 0);
    const { unparsed, unread, cut } = this;
    const cell = { ...this.span, ids, counts, unparsed, ...(unread > 0 && { unread }), ...(cut > 0 && { cut }) };
    return this.seenByService.size > 0 ? { ...cell, seen: this.serviceTimes() } : cell;
  }

  private serviceTimes(): ServiceTimes {
    const { names } = this.table.dictionary('service');
    const times = [...this.seenByService.values()];
    return {
      services: Array.from(this.seenByService.keys(), (service) => names[service] ?? ''),
      first: Float64Array.from(times, ({ first }) => first),
      last: Float64Array.from(times, ({ last }) => last),
    };
  }
}

/** The cell of all its groups of lines. */
export function buildCell(span: Span, groups: Iterable<LineGroup>, table: KeyTable): Cell {
  const builder = new CellBuilder(span, table);
  for (const { text, labels, count } of groups) {
    builder.add(text, labels, count);
  }
  return builder.build();
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
