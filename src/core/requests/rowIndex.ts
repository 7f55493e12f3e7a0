import { Column } from './dictionary';

/**
 * A table of whole numbers in which every row occurs once. Rows are found by open addressing over their numbers: some
 * thirty bytes a row of five columns, where a map of strings takes hundreds.
 */
export class RowIndex {
  readonly columns: readonly Column[];
  /** Row number + 1 at a place that the row's hash leads to; 0 where there is none. A power of two long. */
  private slots = new Uint32Array(2048);
  private rows = 0;

  constructor(width: number) {
    this.columns = Array.from({ length: width }, () => new Column());
  }

  /** Number of rows; the rows are 0 to `size` - 1. */
  get size(): number {
    return this.rows;
  }

  /** Memory in bytes. */
  get bytes(): number {
    return this.slots.byteLength + this.columns.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Whether there is a row with these values. */
  has(values: readonly number[]): boolean {
    return this.slots[this.slotOf(values)] !== 0;
  }

  /** Number of the row with these values, one for each column; it is added where there is none. */
  rowOf(values: readonly number[]): number {
    const slot = this.slotOf(values);
    const found = this.slots[slot] as number;
    if (found > 0) {
      return found - 1;
    }
    const row = this.rows;
    this.columns.forEach((column, index) => column.push(values[index] as number));
    this.rows += 1;
    this.slots[slot] = this.rows;
    if (this.rows * 2 > this.slots.length) {
      this.grow();
    }
    return row;
  }

  /** The place of a row, or the free one that it would take. */
  private slotOf(values: readonly number[]): number {
    const mask = this.slots.length - 1;
    let hash = 0;
    for (let column = 0; column < this.columns.length; column += 1) {
      hash = Math.imul(hash ^ (values[column] as number), 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = this.slots[slot] as number;
      if (found === 0 || this.isRow(found - 1, values)) {
        return slot;
      }
    }
  }

  private isRow(row: number, values: readonly number[]): boolean {
    for (let column = 0; column < this.columns.length; column += 1) {
      if ((this.columns[column] as Column).at(row) !== values[column]) {
        return false;
      }
    }
    return true;
  }

  private grow(): void {
    this.slots = new Uint32Array(this.slots.length * 2);
    for (let row = 0; row < this.rows; row += 1) {
      const values = this.columns.map((column) => column.at(row));
      this.slots[this.slotOf(values)] = row + 1;
    }
  }
}
