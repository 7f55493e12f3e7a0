import { type SourceState, type Status } from '../completeness/model';
import { type MembershipOf } from '../domain/membership';
import { type Period } from '../domain/periods';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { type ServiceFilter } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type Seen } from '../ledger/seenTimes';
import { type Needs } from '../sources/source';
import { type Work } from '../turns';
import { type OscarQuery } from '../types';
import { type GpuKind } from '../usage/usageView';

export type Cell = string | number | boolean | null;

export interface Column {
  name: string;
  type: 'text' | 'count' | 'hours' | 'percent' | 'number' | 'flag';
  /** True for a column that is left out when no row has a value. */
  optional?: true;
}

/** Everything that happened in one span, as far as it was asked for. A source that delivered nothing is null. */
export interface Facts {
  span: Span;
  /** All of sync and async. */
  requests: KeyCounts | null;
  exposed: KeyCounts | null;
  /** False when no request carries a country, so that countries are not known rather than none. */
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
}

export interface ReportContext {
  query: OscarQuery;
  services: ServiceFilter;
  membershipOf: MembershipOf;
}

/** A row: its cells by column name, and the sources that they depend on. */
export interface Row {
  cells: Readonly<Record<string, Cell>>;
  sources: readonly SourceName[];
}

/** The value of one series in one bucket. */
export interface SeriesPoint {
  name: string;
  labels: Readonly<Record<string, string>>;
  unit: 'short' | 'h' | 'percent';
  value: Cell;
  /** In a bucket without a point of this series, its value is 0, or null where one of these is missing. */
  sources: readonly SourceName[];
}

/** One kind of answer. A report knows nothing of Grafana or HTTP. */
export interface Report {
  needs(query: OscarQuery): Needs;
  columns(query: OscarQuery): Column[];
  /** Sources that the frame depends on, for notices and meta. */
  sources(query: OscarQuery): readonly SourceName[];
  /** Rows of one span, sorted as the contract says; those of many users are made one by one. */
  rows(facts: Facts, context: ReportContext): Iterable<Row>;
  /** The same rows as work that can be interrupted, where all of them take long before there is a first one. */
  rowsInSteps?(facts: Facts, context: ReportContext): Work<Row[]>;
  /** The values of one bucket of a time series; absent where a report makes no sense over time. */
  series?(facts: Facts, context: ReportContext): SeriesPoint[];
  /** True for a report that has something to say also when no source delivered anything. */
  answersAlways?: boolean;
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
}

/** The value of a source, or null when the source is missing: a missing figure is never 0. */
export function orNull<T>(source: T | null, value: (source: T) => Cell): Cell {
  return source === null ? null : value(source);
}
