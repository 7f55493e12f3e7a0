import { copyOf } from '../domain/text';

/** Numbers for names, from 0 on, in the order in which the names were first seen. */
export class Dictionary {
  readonly names: string[] = [];
  /** Characters of all names, for estimates of memory. */
  characters = 0;
  private readonly idByName = new Map<string, number>();
  private readonly scratch = new Scratch();

  idOf(name: string): number {
    let id = this.idByName.get(name);
    if (id === undefined) {
      id = this.names.length;
      const own = copyOf(name);
      this.names.push(own);
      this.idByName.set(own, id);
      this.characters += name.length;
    }
    return id;
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
