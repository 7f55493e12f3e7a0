import { type Work } from '../runtime/turns';
import { Dictionary } from './dictionary';
import { type Dimension } from './keyTable';

/** What counting needs to know of the keys: the number of each key's name in a dimension, and the names. */
export interface KeySpace {
  dictionary(dimension: Dimension): Pick<Dictionary, 'names' | 'nameOf' | 'find' | 'zeros'>;
  column(dimension: Dimension): { at(key: number): number };
  /** A zero for every key. */
  zeros(): Float64Array;
}

/** Names between two interruptions. */
const namesAtOnce = 2000;

/** The same keys, with other names in a dimension; those of keys that get one name are one. */
export class RenamedKeys implements KeySpace {
  private readonly names = new Dictionary();
  /** Numbers of the new names by those of the old ones. */
  private readonly numbers: number[] = [];
  /** The name that was given last, and its number. */
  private last: { name: string; id: number } | undefined;

  constructor(
    private readonly keys: KeySpace,
    private readonly renamed: Dimension,
    private readonly nameFor: (name: string) => string
  ) {}

  dictionary(dimension: Dimension): ReturnType<KeySpace['dictionary']> {
    return dimension === this.renamed ? this.upToDate().names : this.keys.dictionary(dimension);
  }

  column(dimension: Dimension): ReturnType<KeySpace['column']> {
    const column = this.keys.column(dimension);
    if (dimension !== this.renamed) {
      return column;
    }
    const { numbers } = this.upToDate();
    return { at: (key) => numbers[column.at(key)] as number };
  }

  zeros(): Float64Array {
    return this.keys.zeros();
  }

  /** Renames all names there are as yet, as work that can be interrupted: a hundred thousand at once would take long. */
  *inSteps(): Work<void> {
    const { names } = this.keys.dictionary(this.renamed);
    while (this.numbers.length < names.length) {
      this.upTo(Math.min(names.length, this.numbers.length + namesAtOnce));
      yield;
    }
  }

  /** The names of a table become more as long as lines are read. */
  private upToDate(): this {
    return this.upTo(this.keys.dictionary(this.renamed).names.length);
  }

  private upTo(length: number): this {
    const { names } = this.keys.dictionary(this.renamed);
    for (let id = this.numbers.length; id < length; id += 1) {
      const name = names[id] as string;
      const renamed = this.nameFor(name);
      // Most names may be one and the same.
      const last = this.last?.name === renamed ? this.last : { name: renamed, id: this.names.idOf(renamed) };
      this.last = last;
      this.numbers.push(last.id);
    }
    return this;
  }
}

/** By what tells the new names, then by the keys: the periods of a report have both in common. */
const known = new WeakMap<object, WeakMap<KeySpace, RenamedKeys>>();

function renamedBy(by: object, keys: KeySpace, dimension: Dimension, nameFor: (name: string) => string): RenamedKeys {
  const ofNames = known.get(by) ?? new WeakMap<KeySpace, RenamedKeys>();
  known.set(by, ofNames);
  const renamed = ofNames.get(keys) ?? new RenamedKeys(keys, dimension, nameFor);
  ofNames.set(keys, renamed);
  return renamed;
}

/** One name for all names of a dimension that are not kept. `kept` belongs to one dimension, and must not change. */
export function mergedKeys(
  keys: KeySpace,
  dimension: Dimension,
  kept: ReadonlySet<string>,
  others: string
): RenamedKeys {
  return renamedBy(kept, keys, dimension, (name) => (kept.has(name) ? name : others));
}

/** A name for each that occurs; what has none must not occur. `names` belongs to one dimension, and must not change. */
export function renamedKeys(keys: KeySpace, dimension: Dimension, names: ReadonlyMap<string, string>): RenamedKeys {
  return renamedBy(names, keys, dimension, (name) => names.get(name) ?? '');
}
