import { type Span } from '../domain/span';
import { type Cell, cellBytes } from './cell';
import { fitsGrid, type Grid } from './grid';

/** Settled cells, least recently used dropped first when their memory exceeds a budget. Cells may overlap. */
export class CellStore {
  /** In order of use, the least recently used first. */
  private readonly cells = new Map<string, Cell>();
  private readonly byStart = new Map<number, Cell[]>();
  private usedBytes = 0;

  constructor(private budgetBytes: number) {}

  get bytes(): number {
    return this.usedBytes;
  }

  /** Changes the budget, and drops what no longer fits. */
  limit(budgetBytes: number): void {
    this.budgetBytes = budgetBytes;
    this.dropOldest(budgetBytes);
  }

  /** Drops what does not fit into so many bytes, this time only. */
  shrinkTo(bytes: number): void {
    this.dropOldest(bytes);
  }

  all(): Iterable<Cell> {
    return this.cells.values();
  }

  /** Takes the place of everything that overlaps it: for a cell that was read again on purpose. */
  replace(cell: Cell): void {
    for (const other of [...this.cells.values()]) {
      if (other.start < cell.end && other.end > cell.start) {
        this.remove(other);
      }
    }
    this.add(cell);
  }

  add(cell: Cell): void {
    this.remove(cell);
    this.cells.set(keyOf(cell), cell);
    this.byStart.set(cell.start, [...(this.byStart.get(cell.start) ?? []), cell]);
    this.usedBytes += cellBytes(cell);
    this.dropOldest(this.budgetBytes);
  }

  private dropOldest(mostBytes: number): void {
    for (const oldest of this.cells.values()) {
      if (this.usedBytes <= mostBytes) {
        break;
      }
      this.remove(oldest);
    }
  }

  /**
   * Cells that lie inside `span`, cross no edge of the grid and do not overlap each other, in order of time. From each
   * point on, the longest cell that starts there is taken; what no cell covers is left to the caller.
   */
  covering(span: Span, grid: Grid): Cell[] {
    const starts = [...this.byStart.keys()].filter((start) => start >= span.start && start < span.end);
    starts.sort((a, b) => a - b);
    const chosen: Cell[] = [];
    let position = span.start;
    for (const start of starts) {
      if (start < position) {
        continue;
      }
      const usable = (this.byStart.get(start) ?? []).filter((cell) => cell.end <= span.end && fitsGrid(grid, cell));
      const longest = usable.reduce<Cell | undefined>(
        (best, cell) => (best && best.end >= cell.end ? best : cell),
        undefined
      );
      if (longest) {
        chosen.push(longest);
        this.touch(longest);
        position = longest.end;
      }
    }
    return chosen;
  }

  clear(): void {
    this.cells.clear();
    this.byStart.clear();
    this.usedBytes = 0;
  }

  private touch(cell: Cell): void {
    this.cells.delete(keyOf(cell));
    this.cells.set(keyOf(cell), cell);
  }

  private remove({ start, end }: Span): void {
    const key = keyOf({ start, end });
    const present = this.cells.get(key);
    if (!present) {
      return;
    }
    this.cells.delete(key);
    this.usedBytes -= cellBytes(present);
    const others = (this.byStart.get(start) ?? []).filter((cell) => cell.end !== end);
    if (others.length > 0) {
      this.byStart.set(start, others);
    } else {
      this.byStart.delete(start);
    }
  }
}

function keyOf({ start, end }: Span): string {
  return `${start}-${end}`;
}
