import { type Span } from '../domain/span';
import { compareText } from '../domain/text';
import { type Cell } from './cell';
import { type Dimension, KeyTable } from './keyTable';
import { type KeySpace, mergedKeys, renamedKeys } from './mergedKeys';

/**
 * How many requests there were of each key: numbers of keys, each at most once, and their counts. Immutable, and what was
 * counted once is kept, because the panels of a dashboard ask for the same.
 */
export class KeyCounts {
  private countsBy: Partial<Record<Dimension, ReadonlyMap<string, number>>> | undefined;
  private groupsBy: Partial<Record<Dimension, Groups>> | undefined;
  private distincts: Partial<Record<Dimension, number>> | undefined;
  private sum: number | undefined;

  private constructor(
    private readonly table: KeySpace,
    private readonly keys: Uint32Array,
    private readonly counts: Float64Array
  ) {}

  /** No request at all. */
  static none(): KeyCounts {
    return new KeyCounts(new KeyTable(() => undefined, ''), new Uint32Array(), new Float64Array());
  }

  /** Sums the cells inside a span. Cells that cross an end of it do not belong to it. */
  static ofCells(table: KeyTable, cells: readonly Cell[], span: Span): KeyCounts {
    const inside = cells.filter(({ start, end }) => start >= span.start && end <= span.end);
    const found = new Uint32Array(inside.reduce((sum, { ids }) => sum + ids.length, 0));
    let used = 0;
    const totals = table.zeros();
    for (const { ids, counts } of inside) {
      for (let index = 0; index < ids.length; index += 1) {
        const id = ids[index] as number;
        if (totals[id] === 0) {
          found[used] = id;
          used += 1;
        }
        totals[id] = (totals[id] as number) + (counts[index] as number);
      }
    }
    const keys = found.slice(0, used);
    const counts = new Float64Array(used);
    for (let position = 0; position < used; position += 1) {
      const key = keys[position] as number;
      counts[position] = totals[key] as number;
      totals[key] = 0;
    }
    return new KeyCounts(table, keys, counts);
  }

  /** What a few keys count is not worth keeping: there may be ten thousand such parts. */
  private get isSmall(): boolean {
    return this.keys.length < 100;
  }

  get total(): number {
    if (this.sum === undefined) {
      this.sum = 0;
      for (let index = 0; index < this.counts.length; index += 1) {
        this.sum += this.counts[index] as number;
      }
    }
    return this.sum;
  }

  /** Requests by the name of a dimension. */
  countBy(dimension: Dimension): ReadonlyMap<string, number> {
    return ((this.countsBy ??= {})[dimension] ??= new Map(this.count(dimension)));
  }

  /** The same as pairs. */
  entriesOf(dimension: Dimension): Array<[name: string, count: number]> {
    return this.isSmall ? this.count(dimension) : [...this.countBy(dimension)];
  }

  /** The same one by one: a hundred thousand pairs at once would take long. */
  *pairsOf(dimension: Dimension): Iterable<[name: string, count: number]> {
    const dictionary = this.table.dictionary(dimension);
    const ids = new Uint32Array(Math.min(this.keys.length, dictionary.names.length));
    const sums = new Float64Array(ids.length);
    let found = 0;
    this.sums(dimension, (id, sum) => {
      ids[found] = id;
      sums[found] = sum;
      found += 1;
    });
    for (let index = 0; index < found; index += 1) {
      yield [dictionary.nameOf(ids[index] as number), sums[index] as number];
    }
  }

  private count(dimension: Dimension): Array<[name: string, count: number]> {
    const dictionary = this.table.dictionary(dimension);
    const [only] = dictionary.names;
    if (only !== undefined && dictionary.names.length === 1) {
      return this.keys.length > 0 ? [[only, this.total]] : [];
    }
    const entries: Array<[string, number]> = [];
    this.sums(dimension, (id, sum) => entries.push([dictionary.nameOf(id), sum]));
    return entries;
  }

  /** Visits the numbers of the names that occur in a dimension, in order of appearance, with their requests. */
  private sums(dimension: Dimension, visit: (id: number, sum: number) => void): void {
    const column = this.table.column(dimension);
    const zeros = this.table.dictionary(dimension).zeros();
    const found: number[] = [];
    for (let index = 0; index < this.keys.length; index += 1) {
      const id = column.at(this.keys[index] as number);
      if (zeros[id] === 0) {
        found.push(id);
      }
      zeros[id] = (zeros[id] as number) + (this.counts[index] as number);
    }
    for (const id of found) {
      visit(id, zeros[id] as number);
      zeros[id] = 0;
    }
  }

  /** Requests whose name in a dimension is `name`. */
  countOf(dimension: Dimension, name: string): number {
    if (!this.isSmall) {
      return this.countBy(dimension).get(name) ?? 0;
    }
    const id = this.table.dictionary(dimension).find(name);
    const column = this.table.column(dimension);
    let count = 0;
    for (let index = 0; index < this.keys.length; index += 1) {
      count += column.at(this.keys[index] as number) === id ? (this.counts[index] as number) : 0;
    }
    return count;
  }

  /** How many names of a dimension occur. */
  distinct(dimension: Dimension): number {
    return ((this.distincts ??= {})[dimension] ??= this.countsBy?.[dimension]?.size ?? this.countDistinct(dimension));
  }

  private countDistinct(dimension: Dimension): number {
    let distinct = 0;
    this.sums(dimension, () => (distinct += 1));
    return distinct;
  }

  /** The names of a dimension that occur, sorted. */
  namesOf(dimension: Dimension): string[] {
    const names = this.entriesOf(dimension).map(([name]) => name);
    return names.length > 1 ? names.sort(compareText) : names;
  }

  /** The parts that agree in a dimension, by its name. */
  groupBy(dimension: Dimension): Groups {
    return ((this.groupsBy ??= {})[dimension] ??= this.group(dimension));
  }

  private group(dimension: Dimension): Groups {
    const dictionary = this.table.dictionary(dimension);
    const column = this.table.column(dimension);
    const names = dictionary.names.length;
    // A counting sort: the keys of one name become one stretch of a common array.
    const ends = new Uint32Array(names + 1);
    for (let index = 0; index < this.keys.length; index += 1) {
      const next = column.at(this.keys[index] as number) + 1;
      ends[next] = (ends[next] as number) + 1;
    }
    for (let id = 1; id < ends.length; id += 1) {
      ends[id] = (ends[id] as number) + (ends[id - 1] as number);
    }
    const starts = ends.slice();
    const keys = new Uint32Array(this.keys.length);
    const counts = new Float64Array(this.keys.length);
    for (let index = 0; index < this.keys.length; index += 1) {
      const key = this.keys[index] as number;
      const id = column.at(key);
      const position = starts[id] as number;
      starts[id] = position + 1;
      keys[position] = key;
      counts[position] = this.counts[index] as number;
    }
    return new Groups(dictionary, names, (id) => {
      const [start, end] = [ends[id] as number, ends[id + 1] as number];
      return end > start
        ? new KeyCounts(this.table, keys.subarray(start, end), counts.subarray(start, end))
        : undefined;
    });
  }

  /** The same requests with other names in a dimension, one for each that occurs. `names` must not change. */
  renamed(dimension: Dimension, names: ReadonlyMap<string, string>): KeyCounts {
    return new KeyCounts(renamedKeys(this.table, dimension, names), this.keys, this.counts);
  }

  /** The same requests, with one name for all names of a dimension that are not kept. `kept` must not change. */
  merged(dimension: Dimension, kept: ReadonlySet<string>, others: string): KeyCounts {
    return new KeyCounts(mergedKeys(this.table, dimension, kept, others), this.keys, this.counts);
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
}

/** Parts by name. Each is made when somebody asks for it: a hundred thousand users at once would take long. */
class Groups implements Iterable<[name: string, keys: KeyCounts]> {
  private readonly parts = new Map<number, KeyCounts>();

  constructor(
    private readonly dictionary: ReturnType<KeySpace['dictionary']>,
    private readonly names: number,
    private readonly partOf: (id: number) => KeyCounts | undefined
  ) {}

  get(name: string): KeyCounts | undefined {
    const id = this.dictionary.find(name);
    return id === undefined || id >= this.names ? undefined : this.part(id);
  }

  *[Symbol.iterator](): Iterator<[name: string, keys: KeyCounts]> {
    for (let id = 0; id < this.names; id += 1) {
      const part = this.part(id);
      if (part) {
        yield [this.dictionary.nameOf(id), part];
      }
    }
  }

  private part(id: number): KeyCounts | undefined {
    const part = this.parts.get(id) ?? this.partOf(id);
    if (part) {
      this.parts.set(id, part);
    }
    return part;
  }
}
