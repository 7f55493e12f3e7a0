/** Numbers for names, from 0 on, in the order in which the names were first seen. */
export class Dictionary {
  readonly names: string[] = [];
  /** Characters of all names, for estimates of memory. */
  characters = 0;
  private readonly idByName = new Map<string, number>();
  private marks = new Uint32Array(64);
  private generation = 0;

  idOf(name: string): number {
    let id = this.idByName.get(name);
    if (id === undefined) {
      id = this.names.length;
      this.names.push(name);
      this.idByName.set(name, id);
      this.characters += name.length;
    }
    return id;
  }

  nameOf(id: number): string {
    return this.names[id] ?? '';
  }

  /** The different numbers among `ids`, in order of appearance. Takes no memory of its own for each call. */
  distinct(ids: Iterable<number>): number[] {
    if (this.marks.length < this.names.length) {
      this.marks = new Uint32Array(this.names.length * 2);
      this.generation = 0;
    }
    this.generation += 1;
    const found: number[] = [];
    for (const id of ids) {
      if (this.marks[id] !== this.generation) {
        this.marks[id] = this.generation;
        found.push(id);
      }
    }
    return found;
  }
}

/** A growing column of numbers. */
export class Column {
  private values = new Uint32Array(1024);
  private length = 0;

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
