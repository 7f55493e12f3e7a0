import { Dictionary } from './dictionary';
import { type Dimension } from './keyTable';

/** What counting needs to know of the keys: the number of each key's name in a dimension, and the names. */
export interface KeySpace {
  dictionary(dimension: Dimension): Pick<Dictionary, 'names' | 'nameOf' | 'find' | 'zeros'>;
  column(dimension: Dimension): { at(key: number): number };
  /** A zero for every key. */
  zeros(): Float64Array;
}

/** The same keys, with one name for all names of a dimension that are not kept. */
export class MergedKeys implements KeySpace {
  private readonly names = new Dictionary();
  /** Numbers of the new names by those of the old ones. */
  private readonly numbers: number[] = [];
  /** The number of the name for all others. */
  private other: number | undefined;

  constructor(
    private readonly keys: KeySpace,
    private readonly merged: Dimension,
    private readonly kept: ReadonlySet<string>,
    private readonly others: string
  ) {}

  dictionary(dimension: Dimension): ReturnType<KeySpace['dictionary']> {
    return dimension === this.merged ? this.upToDate().names : this.keys.dictionary(dimension);
  }

  column(dimension: Dimension): ReturnType<KeySpace['column']> {
    const column = this.keys.column(dimension);
    if (dimension !== this.merged) {
      return column;
    }
    const { numbers } = this.upToDate();
    return { at: (key) => numbers[column.at(key)] as number };
  }

  zeros(): Float64Array {
    return this.keys.zeros();
  }

  /** The names of a table become more as long as lines are read. */
  private upToDate(): this {
    const { names } = this.keys.dictionary(this.merged);
    for (let id = this.numbers.length; id < names.length; id += 1) {
      const name = names[id] as string;
      const isOther = !this.kept.has(name) || name === this.others;
      this.numbers.push(isOther ? (this.other ??= this.names.idOf(this.others)) : this.names.idOf(name));
    }
    return this;
  }
}

/** By what is kept, then by the keys: the periods of a report have both in common. */
const known = new WeakMap<ReadonlySet<string>, WeakMap<KeySpace, MergedKeys>>();

/** `kept` belongs to one dimension, and must not change. */
export function mergedKeys(
  keys: KeySpace,
  dimension: Dimension,
  kept: ReadonlySet<string>,
  others: string
): MergedKeys {
  const ofKept = known.get(kept) ?? new WeakMap<KeySpace, MergedKeys>();
  known.set(kept, ofKept);
  const merged = ofKept.get(keys) ?? new MergedKeys(keys, dimension, kept, others);
  ofKept.set(keys, merged);
  return merged;
}
