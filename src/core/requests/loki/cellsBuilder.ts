import { type CountSeries } from '../../upstream/loki';
import { type Cell, CellBuilder } from '../cell';
import { type KeyTable } from '../keyTable';
import { type WindowLines } from './tilePlanner';
import { type Block, windowOf } from './windows';

/** Builds the cells of a block's windows from answers about parts of its streams. */
export class CellsBuilder {
  private readonly builders: CellBuilder[];
  private readonly warnings: Array<Set<string>>;
  private readonly lines = new Map<string | undefined, WindowLines>();

  /** `label` tells the streams apart, `textOf` gives the text of a series. */
  constructor(
    private readonly block: Block,
    private readonly label: string,
    private readonly textOf: (labels: CountSeries['labels']) => string,
    private readonly table: KeyTable
  ) {
    const windows = Array.from({ length: block.windows }, (_, index) => windowOf(block, index));
    this.builders = windows.map((window) => new CellBuilder(window, table));
    this.warnings = windows.map(() => new Set());
  }

  /** Adds the series of an answer; `indexOf` gives the number of the window that ends at an evaluation time. */
  add(series: readonly CountSeries[], indexOf: (time: number) => number): void {
    for (const { labels, samples } of series) {
      const text = this.textOf(labels);
      const id = text === '' ? undefined : this.table.idOf(text, labels);
      const lines = this.linesOf(labels[this.label] || undefined);
      for (const [time, count] of samples) {
        const index = indexOf(time);
        lines[index] = (lines[index] as number) + count;
        this.builders[index]?.addLines(text, id, count);
      }
    }
  }

  /** What Loki said about an answer concerns each window that it is about. */
  warn(first: number, windows: number, warnings: readonly string[]): void {
    for (const own of this.warnings.slice(first, first + windows)) {
      warnings.forEach((warning) => own.add(warning));
    }
  }

  private linesOf(value: string | undefined): WindowLines {
    let lines = this.lines.get(value);
    if (!lines) {
      lines = new Float64Array(this.block.windows);
      this.lines.set(value, lines);
    }
    return lines;
  }

  /** True where the lines that were added are, stream by stream, as many as were counted: `counted` has some windows as one. */
  isComplete(index: number, counted: ReadonlyMap<string | undefined, WindowLines>): boolean {
    return [...new Set([...this.lines.keys(), ...counted.keys()])].every((value) => {
      const expected = counted.get(value);
      const parts = this.block.windows / (expected?.length ?? this.block.windows);
      const first = index - (index % parts);
      const found =
        this.lines
          .get(value)
          ?.subarray(first, first + parts)
          .reduce((sum, own) => sum + own, 0) ?? 0;
      return found === (expected?.[first / parts] ?? 0);
    });
  }

  /** The cell of a window, of which everything was added. */
  build(index: number): Cell {
    const cell = (this.builders[index] as CellBuilder).build();
    const warnings = [...(this.warnings[index] ?? [])];
    return warnings.length > 0 ? { ...cell, warnings } : cell;
  }
}
