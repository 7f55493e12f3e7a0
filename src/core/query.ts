import { type MetricKey } from './domain/metricKeys';
import { type PeriodUnit } from './domain/periods';

/** The reports that can be asked for (contract, "Query model"). */
export const queryTypes = [
  'summary',
  'metric',
  'breakdown',
  'country',
  'membership',
  'services',
  'completeness',
  'reconciliation',
] as const;
export type QueryType = (typeof queryTypes)[number];

export type BreakdownKey = 'service' | 'user' | 'country';

/** One question about the usage of a cluster (contract, "Query model"). */
export interface UsageQuery {
  queryType: QueryType;
  /** Shape of the result; `table` when absent. */
  format?: 'table' | 'timeseries';
  /** Bucket of a time series; in a table, one row block per period when set. */
  interval?: 'auto' | PeriodUnit;
  /** Only these services; template variables are interpolated. Absent or empty as stored means all; variables without a value, none. */
  services?: string[];
  /** For `queryType: 'metric'`; absent means all per-service metrics. */
  metric?: MetricKey;
  /** For `queryType: 'breakdown'`. */
  groupBy?: BreakdownKey;
  /** Adds the `users` column (breakdown by service, summary). */
  includeUsers?: boolean;
  /** Only these columns, or in a time series these fields; what none of them needs is neither asked nor judged. */
  columns?: string[];
  /**
   * The most rows or series, a whole number above 0; the rest is one more, `(others)`. Text is a number, `all`, or a template
   * variable that gives one of these. Absent means all.
   */
  limit?: number | string;
  /** Reads everything upstream again, also what is settled and kept, here or in a cache of results upstream. */
  bypassCache?: boolean;
  /** The older name of `bypassCache`. */
  readAgain?: boolean;
  /** Figures whose sources cover less of the range are left empty; 0 is off; absent means the option of the data source. */
  minimumCoveragePercent?: number;
}
