import { type SourceState, type Status } from '../completeness/model';
import { type MembershipOf } from '../domain/membership';
import { type Period } from '../domain/periods';
import { type RejectedRequests } from '../domain/requestLine';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { type GpuKind } from '../hours/view';
import { type UsageQuery } from '../query';
import { type ServiceFilter } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type Seen } from '../requests/seenTimes';
import { type Work } from '../runtime/turns';
import { type ShownUsers } from './shownUsers';

export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: 'text' | 'count' | 'hours' | 'percent' | 'number' | 'flag';
  /** What its cells are computed from: asked for the column's sake, and judged with it. */
  sources: readonly SourceName[];
  /**
   * `key`: names the row, always there. `status`: the row's completeness, always there. `asked`: only there when asked for.
   * `optional`: left out when no row has a value.
   */
  role?: 'key' | 'status' | 'asked' | 'optional';
  /** True for a column that needs the exact times at which services were called. */
  times?: true;
}

/** Everything that happened in one span, as far as it was asked for. A source that delivered nothing is null. */
export interface Facts {
  span: Span;
  /** All of sync and async that count (contract rule 1): rejected ones only where `countsRejected`. */
  requests: KeyCounts | null;
  /** The same of exposed requests. */
  exposed: KeyCounts | null;
  /**
   * Requests that nobody processed, the manager's and the exposed ones as far as these are known; null without the manager's,
   * and for chosen services, because rejected requests have no name.
   */
  rejected: number | null;
  /** True when rejected requests are part of everything (option `rejectedRequests`). */
  countsRejected: boolean;
  /** False when the users of some of the requests are not named as those of others are, so that they cannot be counted. */
  usersAreKnown: boolean;
  /** False when no request has a known country, so that countries are not known rather than none. */
  hasCountries: boolean;
  /** Hours by service. */
  cpu: ReadonlyMap<string, number> | null;
  gpu: ReadonlyMap<string, number> | null;
  /** Both kinds of GPU hours; null where one of them is not known for the whole span. */
  gpuKinds: Readonly<Record<GpuKind, ReadonlyMap<string, number>>> | null;
  /** When services were called, of any kind; null when it was not asked for. */
  seen: ReadonlyMap<string, Seen> | null;
  /** Between which times services used CPU, to the windows in which hours are counted. */
  usedCpu: ReadonlyMap<string, Seen> | null;
  /** Services that are deployed now. */
  deployed: readonly string[] | null;
  /** What is known about each source in the span, in the contract's order. */
  states: readonly SourceState[];
  /** The same facts before those of keys beyond a limit were merged; absent where none were. */
  unmerged?: Facts;
}

export interface ReportContext {
  query: UsageQuery;
  services: ServiceFilter;
  membershipOf: MembershipOf;
  rejectedRequests: RejectedRequests;
  /** How users are shown; absent: by their ids. */
  shownUsers?: ShownUsers;
  /** Groups of fewer users show no users and no countries (option `smallestGroup`); absent or 0: all do. */
  smallestGroup?: number;
  /** Users who have no row of their own, because too few share their membership; absent where all may have one. */
  protectedUsers?: ReadonlySet<string>;
  /** The rows that are not merged; absent where all have their own. */
  kept?: Kept;
}

/** By the group of a row, the names of those that keep a row of their own; a group that is absent keeps all. */
export type Kept = ReadonlyMap<string, ReadonlySet<string>>;

/** Rows that stand after all others, in this order, whatever they count (contract, "Sort"). */
export const lastRows = ['others', 'rejected'] as const;
export type LastRow = (typeof lastRows)[number];

/** A row: its cells by column name. */
export interface Row {
  cells: Readonly<Record<string, Cell>>;
  /** What the cells depend on, where that differs by row; else what the chosen columns depend on. */
  sources?: readonly SourceName[];
  /** Set for a row that stands after all others. */
  last?: LastRow;
}

/** The value of one series in one bucket. */
export interface SeriesPoint {
  name: string;
  labels: Readonly<Record<string, string>>;
  unit: 'short' | 'h' | 'percent';
  value: Cell;
  /** In a bucket without a point of this series, its value is 0, or null where one of these is missing. */
  sources: readonly SourceName[];
  /** Set for a series that stands after all others. */
  last?: LastRow;
}

/**
 * How rows stand. `ranked`: by the first number, then by key (contract, "Sort"). `listed`: in the report's own order, unless
 * columns are chosen, which rank them. `fixed`: always as the report has them, none left out.
 */
export type Order = 'ranked' | 'listed' | 'fixed';

/** How the rows of a report are told apart where a limit keeps some of them. */
export interface Limited {
  /** What the rows are, in the plural. */
  noun(query: UsageQuery): string;
  /** Each group of rows has the limit for itself. */
  groupOf(row: Row): string;
  /** Tells a row from the others of its group. */
  nameOf(row: Row): string;
  /** True for a row that is always one of the others, by the facts of the whole range; absent where rows are not about users. */
  isProtected?(row: Row, facts: Facts, context: ReportContext): boolean;
}

/** One kind of answer. A report knows nothing of Grafana or HTTP. */
export interface Report {
  /** All columns that a query may choose from, in the contract's order, whatever it chooses. */
  columns(query: UsageQuery): readonly Column[];
  order: Order;
  /** Rows of one span, at least with the cells of the chosen columns; those that are not kept as one, `(others)`. */
  rows(facts: Facts, context: ReportContext): Work<Row[]>;
  /** Absent where a limit has no effect. */
  limited?: Limited;
  /** Time series; absent where a report makes no sense over time. */
  series?: {
    /** The columns that are drawn when none is chosen. */
    drawn: readonly string[];
    /** The values of one bucket, those of series that are not kept as one. */
    points(facts: Facts, context: ReportContext): Work<SeriesPoint[]>;
    /** Names of series that are not known in a bucket, though their sources are there. */
    unknown?(facts: Facts, context: ReportContext): string[];
  };
  /** True for a report that has something to say also when no source delivered anything. */
  answersAlways?: boolean;
  /** True for a report about the sources themselves: what is known of them travels as a notice, whether it changes figures or not. */
  showsRemarks?: true;
  /** True for the one report whose meta holds examples of lines that were not understood. */
  showsExamples?: boolean;
}

/** Rows of one period with their completeness, ready for a frame. */
export interface Block {
  /** Absent when the query asks for no periods. */
  period?: Period;
  rows: Array<
    Row & {
      completeness: Status;
      /** Why the row is not whole; empty when it is. */
      notes: readonly string[];
    }
  >;
}

/** The points of one bucket of a time series. */
export interface SeriesBlock {
  period: Period;
  points: readonly SeriesPoint[];
  /** Sources that delivered nothing for the bucket. */
  missing: ReadonlySet<SourceName>;
  /** Names of series that are not known in the bucket all the same. */
  unknown: ReadonlySet<string>;
}

/** The value of a source, or null when the source is missing: a missing figure is never 0. */
export function orNull<T>(source: T | null, value: (source: T) => Cell): Cell {
  return source === null ? null : value(source);
}
