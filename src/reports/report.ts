import { type Status } from '../completeness/model';
import { type MembershipOf } from '../domain/membership';
import { type Period } from '../domain/periods';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { type ServiceFilter } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type Needs } from '../sources/source';
import { type OscarQuery } from '../types';

export type Cell = string | number | null;

export interface Column {
  name: string;
  type: 'text' | 'count' | 'hours' | 'percent' | 'number';
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
  /** Services that are deployed now. */
  deployed: readonly string[] | null;
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

/** One kind of answer. A report knows nothing of Grafana or HTTP. */
export interface Report {
  needs(query: OscarQuery): Needs;
  columns(query: OscarQuery): Column[];
  /** Sources that the frame depends on, for notices and meta. */
  sources(query: OscarQuery): readonly SourceName[];
  /** Rows of one span, sorted as the contract says. */
  rows(facts: Facts, context: ReportContext): Row[];
}

/** Rows of one period with their completeness, ready for a frame. */
export interface Block {
  /** Absent when the query asks for no periods. */
  period?: Period;
  rows: Array<Row & { completeness: Status }>;
}

/** The value of a source, or null when the source is missing: a missing figure is never 0. */
export function orNull<T>(source: T | null, value: (source: T) => Cell): Cell {
  return source === null ? null : value(source);
}
