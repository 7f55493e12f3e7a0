import { type Span } from '../domain/span';
import { compareText } from '../domain/text';
import { type Cell } from './cell';
import { type Dimension, KeyTable } from './keyTable';

/** How many requests there were of each key: numbers of keys, each at most once, and their counts. Immutable. */
export class KeyCounts {
  private constructor(
    private readonly table: KeyTable,
    private readonly keys: Uint32Array,
    private readonly counts: Float64Array
  ) {}

  /** No request at all. */
  static none(): KeyCounts {
    return KeyCounts.of(new KeyTable(() => undefined, ''), new Float64Array());
  }

  /** Sums the cells inside a span. Cells that cross an end of it do not belong to it. */
  static ofCells(table: KeyTable, cells: readonly Cell[], span: Span): KeyCounts {
    const totals = new Float64Array(table.size);
    for (const cell of cells) {
      if (cell.start >= span.start && cell.end <= span.end) {
        for (let index = 0; index < cell.ids.length; index += 1) {
          const id = cell.ids[index] as number;
          totals[id] = (totals[id] as number) + (cell.counts[index] as number);
        }
      }
    }
    return KeyCounts.of(table, totals);
  }

  /** `totals[key]` is the count of a key. */
  static of(table: KeyTable, totals: Float64Array): KeyCounts {
    const used = totals.reduce((sum, count) => (count > 0 ? sum + 1 : sum), 0);
    const keys = new Uint32Array(used);
    const counts = new Float64Array(used);
    let position = 0;
    totals.forEach((count, key) => {
      if (count > 0) {
        keys[position] = key;
        counts[position] = count;
        position += 1;
      }
    });
    return new KeyCounts(table, keys, counts);
  }

  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  /** Requests by the name of a dimension. */
  countBy(dimension: Dimension): Map<string, number> {
    const dictionary = this.table.dictionary(dimension);
    const column = this.table.column(dimension);
    const totals = new Float64Array(dictionary.names.length);
    this.keys.forEach((key, index) => {
      const id = column.at(key);
      totals[id] = (totals[id] as number) + (this.counts[index] as number);
    });
    const counts = new Map<string, number>();
    totals.forEach((count, id) => {
      if (count > 0) {
        counts.set(dictionary.nameOf(id), count);
      }
    });
    return counts;
  }

  /** Requests whose name in a dimension is `name`. */
  countOf(dimension: Dimension, name: string): number {
    return this.countBy(dimension).get(name) ?? 0;
  }

  /** How many names of a dimension occur. */
  distinct(dimension: Dimension): number {
    return this.distinctIds(dimension).length;
  }

  /** The names of a dimension that occur, sorted. */
  namesOf(dimension: Dimension): string[] {
    const dictionary = this.table.dictionary(dimension);
    return this.distinctIds(dimension)
      .map((id) => dictionary.nameOf(id))
      .sort(compareText);
  }

  /** The parts that agree in a dimension, by its name. */
  groupBy(dimension: Dimension): Map<string, KeyCounts> {
    const dictionary = this.table.dictionary(dimension);
    const column = this.table.column(dimension);
    // A counting sort: the keys of one name become one stretch of a common array.
    const ends = new Uint32Array(dictionary.names.length + 1);
    this.keys.forEach((key) => {
      const next = column.at(key) + 1;
      ends[next] = (ends[next] as number) + 1;
    });
    ends.forEach((size, id) => {
      ends[id] = size + (id > 0 ? (ends[id - 1] as number) : 0);
    });
    const starts = ends.slice();
    const keys = new Uint32Array(this.keys.length);
    const counts = new Float64Array(this.keys.length);
    this.keys.forEach((key, index) => {
      const id = column.at(key);
      const position = starts[id] as number;
      starts[id] = position + 1;
      keys[position] = key;
      counts[position] = this.counts[index] as number;
    });
    const groups = new Map<string, KeyCounts>();
    dictionary.names.forEach((name, id) => {
      const [start, end] = [ends[id] as number, ends[id + 1] as number];
      if (end > start) {
        groups.set(name, new KeyCounts(this.table, keys.subarray(start, end), counts.subarray(start, end)));
      }
    });
    return groups;
  }

  /** The part whose name in a dimension passes a test. */
  where(dimension: Dimension, test: (name: string) => boolean): KeyCounts {
    const passes = this.table.dictionary(dimension).names.map(test);
    const column = this.table.column(dimension);
    const isIn = (key: number) => passes[column.at(key)] === true;
    return new KeyCounts(
      this.table,
      this.keys.filter(isIn),
      this.counts.filter((_, index) => isIn(this.keys[index] as number))
    );
  }

  private *idsOf(dimension: Dimension): Generator<number> {
    const column = this.table.column(dimension);
    for (const key of this.keys) {
      yield column.at(key);
    }
  }

  private distinctIds(dimension: Dimension): number[] {
    return this.table.dictionary(dimension).distinct(this.idsOf(dimension));
  }
}
