import { othersKey } from '../domain/others';
import { type SourceName } from '../domain/sources';
import { type Work } from '../runtime/turns';
import { type MergedBy, withOthers } from './others';
import {
  type Cell,
  type Column,
  type Facts,
  type LastRow,
  type Order,
  type Report,
  type ReportContext,
  type Row,
  type SeriesPoint,
} from './report';
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
  items: (facts: Facts, context: ReportContext) => Work<Iterable<Item>>;
  /** What the row of an item depends on, where that differs by item. */
  sourcesOf?: (item: Item) => readonly SourceName[];
  /** What the rows beyond a limit are merged by: the column of role `key` names it. Absent where a limit has no effect. */
  mergedBy?: {
    key: MergedBy;
    noun: string;
    /** Names that have no row in this report, and are none of the others. */
    except?: readonly string[];
  };
  /** The place of an item after all others, where it has no series either. */
  lastOf?: (item: Item) => LastRow | undefined;
  series?: {
    /** The columns that are drawn when none is chosen. */
    drawn: readonly string[];
    /** What tells the series of an item and column from others. */
    labels: (item: Item, column: string) => Readonly<Record<string, string>>;
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

/** The group of all rows: those of a table have one limit. */
const onlyGroup = '';

/** Items between two interruptions. */
const itemsAtOnce = 100;

/** The first items may be the only ones, so that each of their cells looks at most of the requests, as those of the others do. */
const largeItems = 10;

/** A report whose rows are about items, and whose cells are computed column by column, those that are shown and no others. */
export function tableReport<Item>(definition: TableDefinition<Item>): Report {
  const { columns, order, sourcesOf, lastOf, mergedBy, series } = definition;
  const cellsByName = new Map(columns.map(({ name, cell }) => [name, cell]));
  const key = columns.find(({ role }) => role === 'key');
  const limited = mergedBy && {
    noun: () => mergedBy.noun,
    groupOf: () => onlyGroup,
    nameOf: ({ cells }: Row) => String(cells[key?.name ?? '']),
    ...(mergedBy.key === 'user' && {
      isProtected: ({ cells }: Row, _: Facts, { protectedUsers }: ReportContext) =>
        protectedUsers?.has(String(cells[key?.name ?? ''])) === true,
    }),
  };
  /** What the rows are about, and the facts to compute them from. */
  function* subject(facts: Facts, context: ReportContext): Work<{ items: Iterable<Item>; merged: Facts }> {
    const kept = context.kept?.get(onlyGroup);
    if (!kept || !mergedBy) {
      return { items: yield* definition.items(facts, context), merged: facts };
    }
    const own = mergedBy.except ? withNames(kept, mergedBy.except) : kept;
    const rows = mergedBy.key === 'service' ? yield* namesOf(facts, context) : undefined;
    const merged = withOthers(facts, mergedBy.key, own, rows);
    yield;
    return { items: yield* definition.items(merged, context), merged };
  }
  /** The names of all rows of a span. */
  function* namesOf(facts: Facts, context: ReportContext): Work<Set<string>> {
    const items = yield* definition.items(facts, context);
    return new Set(Array.from(items, (item) => String(key?.cell?.(item, facts, context))));
  }
  const placeOf = (item: Item, facts: Facts, context: ReportContext): LastRow | undefined =>
    facts.unmerged && key?.cell?.(item, facts, context) === othersKey ? 'others' : lastOf?.(item);

  const report: Report = {
    columns: () => columns,
    order,
    *rows(facts, context) {
      const shown = selectionOf(report, context.query).shown.map(({ name }) => [name, cellsByName.get(name)] as const);
      const { items, merged } = yield* subject(facts, context);
      const rows: Row[] = [];
      for (const item of items) {
        const cells: Record<string, Cell> = {};
        const last = placeOf(item, merged, context);
        const isLarge = last === 'others' || rows.length < largeItems;
        for (const [name, cell] of shown) {
          if (cell) {
            cells[name] = cell(item, merged, context);
          }
          if (isLarge) {
            yield;
          }
        }
        rows.push({ cells, ...(sourcesOf && { sources: sourcesOf(item) }), ...(last && { last }) });
        if (rows.length % itemsAtOnce === 0) {
          yield;
        }
      }
      return rows;
    },
    ...(limited && { limited }),
  };
  if (series) {
    const { drawn, labels, idle } = series;
    const drawnIn = ({ query }: ReportContext) => selectionOf(report, query).drawn;
    const valueOf = (column: Column, item: Item, facts: Facts, context: ReportContext) =>
      cellsByName.get(column.name)?.(item, facts, context) ?? null;
    report.series = {
      drawn,
      *points(facts, context) {
        const figures = drawnIn(context);
        const { items, merged } = yield* subject(facts, context);
        const points: SeriesPoint[] = [];
        let visited = 0;
        for (const item of items) {
          // What has a place of its own after all others, but for the others themselves, is no series.
          const last = placeOf(item, merged, context);
          for (const column of last === undefined || last === 'others' ? figures : []) {
            const value = valueOf(column, item, merged, context);
            if (idle === undefined || value !== 0) {
              const { name, sources } = column;
              const unit = units[column.type];
              points.push({ name, labels: labels(item, name), unit, value, sources, ...(last && { last }) });
            }
          }
          visited += 1;
          if (visited % itemsAtOnce === 0) {
            yield;
          }
        }
        return points;
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

/** By the names: the same set for the same kept ones, since what is merged by it is known by the set. */
const extended = new WeakMap<ReadonlySet<string>, ReadonlySet<string>>();

function withNames(kept: ReadonlySet<string>, names: readonly string[]): ReadonlySet<string> {
  const all = extended.get(kept) ?? new Set([...kept, ...names]);
  extended.set(kept, all);
  return all;
}

/** The last column of the contract's list: how complete a row is, by the sources that all its columns depend on. */
export function statusColumn(sources: readonly SourceName[]): Column {
  return { name: 'completeness', type: 'text', role: 'status', sources };
}
