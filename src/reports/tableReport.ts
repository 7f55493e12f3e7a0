import { type SourceName } from '../domain/sources';
import { type Cell, type Column, type Facts, type Order, type Report, type ReportContext } from './report';
import { selectionOf } from './selection';

/** A column with the way to its cell; the status of a row has none, because it is judged later. */
export interface CellColumn<Item> extends Column {
  cell?: (item: Item, facts: Facts, context: ReportContext) => Cell;
}

interface TableDefinition<Item> {
  /** In the contract's order. */
  columns: ReadonlyArray<CellColumn<Item>>;
  order: Order;
  /** What the rows of a span are about. */
  items: (facts: Facts, context: ReportContext) => Iterable<Item>;
  /** What the row of an item depends on, where that differs by item. */
  sourcesOf?: (item: Item) => readonly SourceName[];
  /** True for an item whose row stands after all others, and that has no series. */
  isLast?: (item: Item) => boolean;
  series?: {
    /** The columns that are drawn when none is chosen. */
    drawn: readonly string[];
    /** What tells the series of an item and column from others. */
    labels: (item: Item, column: string, context: ReportContext) => Readonly<Record<string, string>>;
    /** An item with which nothing happened: a figure that is not 0 of it is not known. Absent where no item can be idle. */
    idle?: Item;
  };
}

const units: Readonly<Record<Column['type'], 'short' | 'h' | 'percent'>> = {
  text: 'short',
  flag: 'short',
  count: 'short',
  number: 'short',
  hours: 'h',
  percent: 'percent',
};

/** A report whose rows are about items, and whose cells are computed column by column, those that are shown and no others. */
export function tableReport<Item>(definition: TableDefinition<Item>): Report {
  const { columns, order, items, sourcesOf, isLast = () => false, series } = definition;
  const cellsByName = new Map(columns.map(({ name, cell }) => [name, cell]));
  const report: Report = {
    columns: () => columns,
    order,
    *rows(facts, context) {
      const shown = selectionOf(report, context.query).shown.map(({ name }) => [name, cellsByName.get(name)] as const);
      for (const item of items(facts, context)) {
        const cells: Record<string, Cell> = {};
        for (const [name, cell] of shown) {
          if (cell) {
            cells[name] = cell(item, facts, context);
          }
        }
        yield { cells, ...(sourcesOf && { sources: sourcesOf(item) }), ...(isLast(item) && { last: true }) };
      }
    },
  };
  if (series) {
    const { drawn, labels, idle } = series;
    const drawnIn = ({ query }: ReportContext) => selectionOf(report, query).drawn;
    const valueOf = (column: Column, item: Item, facts: Facts, context: ReportContext) =>
      cellsByName.get(column.name)?.(item, facts, context) ?? null;
    report.series = {
      drawn,
      points: (facts, context) => {
        const figures = drawnIn(context);
        return [...items(facts, context)]
          .filter((item) => !isLast(item))
          .flatMap((item) =>
            figures.map((column) => ({
              name: column.name,
              labels: labels(item, column.name, context),
              unit: units[column.type],
              value: valueOf(column, item, facts, context),
              sources: column.sources,
            }))
          )
          .filter(({ value }) => idle === undefined || value !== 0);
      },
      ...(idle !== undefined && {
        unknown: (facts, context) =>
          drawnIn(context)
            .filter((column) => valueOf(column, idle, facts, context) === null)
            .map(({ name }) => name),
      }),
    };
  }
  return report;
}

/** The last column of the contract's list: how complete a row is, by the sources that all its columns depend on. */
export function statusColumn(sources: readonly SourceName[]): Column {
  return { name: 'completeness', type: 'text', role: 'status', sources };
}
