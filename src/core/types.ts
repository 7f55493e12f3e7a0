import { type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { type MembershipRule } from './domain/membership';
import { type MetricKey } from './domain/metricKeys';
import { type PeriodUnit } from './domain/periods';
import { type RejectedRequests } from './domain/requestLine';
import { type UserMode } from './domain/userTexts';

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

export interface OscarQuery extends DataQuery {
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

/** A span that the operator knows to be incomplete; `from` and `to` are ISO 8601. */
export interface KnownGap {
  from: string;
  to: string;
  source: string;
  note: string;
}

/** The options as stored in `jsonData` (contract, "Options"). Every key but the two uids has a default. */
export interface OscarOptions extends DataSourceJsonData {
  prometheusUid?: string;
  lokiUid?: string;
  servicesNamespace?: string;
  requestSelector?: string;
  exposedSelector?: string;
  cpuQuery?: string;
  gpuQuery?: string;
  inventoryQuery?: string;
  membershipRules?: MembershipRule[];
  roster?: string[];
  knownGaps?: KnownGap[];
  /** Whether requests that nobody processed are a figure of their own (contract rule 1), the default, or part of all figures. */
  rejectedRequests?: RejectedRequests;
  /** How user ids are shown: as they are logged, the default, as pseudonyms, or not at all. */
  users?: UserMode;
  /** Part of the key of the pseudonyms; who may see the data source's settings can read it. */
  usersSalt?: string;
  /** Groups of fewer users show no users and no countries; 0, the default, is off. */
  smallestGroup?: number;
  /** Minutes after which a line can no longer arrive late; 60 when absent. */
  settleDelayMinutes?: number;
  /** Memory for everything that is kept, in MiB; 64 when absent. */
  cacheMegabytes?: number;
  /** Figures whose sources cover less of the range are left empty; 0, the default, is off. */
  minimumCoveragePercent?: number;
}
