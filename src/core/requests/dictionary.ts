import { copyOf } from '../domain/text';

/** Stands for all names for which a dictionary has no room left; who counts it knows that there were several (`evidence/nameRules.ts`). */
export const tooManyNames = '(too many names)';

/** How much a dictionary holds at most: anybody may invent names, and each takes memory. */
export interface DictionaryBounds {
  names: number;
  characters: number;
}

const usualBounds: DictionaryBounds = { names: 1_000_000, characters: 64_000_000 };

/** Numbers for names, from 0 on, in the order in which the names were first seen. Names beyond its bounds have one number. */
export class Dictionary {
  readonly names: string[] = [];
  /** Characters of all names, for estimates of memory. */
  characters = 0;
  private readonly idByName = new Map<string, number>();
  private readonly scratch = new Scratch();

  constructor(private readonly bounds = usualBounds) {}

  idOf(name: string): number {
    let id = this.idByName.get(name);
    if (id === undefined) {
      if (this.isFullFor(name)) {
        return this.idOf(tooManyNames);
      }
      id = this.names.length;
      const own = copyOf(name);
      this.names.push(own);
      this.idByName.set(own, id);
      this.characters += name.length;
    }
    return id;
  }

  private isFullFor(name: string): boolean {
    const { names, characters } = this.bounds;
    const isFull = this.names.length >= names || this.characters + name.length > characters;
    return isFull && name !== tooManyNames;
  }

  /** The number of a name; undefined when it was never seen. */
  find(name: string): number | undefined {
    return this.idByName.get(name);
  }

  nameOf(id: number): string {
    return this.names[id] ?? '';
  }

  /** A zero for every number, see `Scratch`. */
  zeros(): Float64Array {
    return this.scratch.zeros(this.names.length);
  }
}

/** Zeros to count by: one array for all, so whoever takes it leaves zeros behind. */
export class Scratch {
  private shared = new Float64Array(64);

  /** At least `length` zeros. */
  zeros(length: number): Float64Array {
    if (this.shared.length < length) {
      this.shared = new Float64Array(length * 2);
    }
    return this.shared;
  }
}

/** A growing column of numbers. */
export class Column {
  private values = new Uint32Array(1024);
  private length = 0;

  /** Memory in bytes. */
  get bytes(): number {
    return this.values.byteLength;
  }

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Uint32Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    this.length += 1;
  }

  at(index: number): number {
    return this.values[index] as number;
  }
}
