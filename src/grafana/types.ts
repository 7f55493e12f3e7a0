import { type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { type UsageOptions } from '../core/options';
import { type UsageQuery } from '../core/query';

/** What a query asks of the data source beside the report. */
interface PanelQuery {
  /**
   * Only the rows or series of these users, countries or services; the figures in them do not change. Template variables are filled
   * in. Absent or empty as stored means all; variables without a value, none.
   */
  keys?: string[];
  /** The range begins so many periods of `interval` before the one that it begins in: a whole number from 1 to 24. */
  periodsBefore?: number;
}

/** A query as panels store it. */
export type OscarQuery = DataQuery & UsageQuery & PanelQuery;

/** The options as the data source stores them in `jsonData`. */
export type OscarOptions = DataSourceJsonData & UsageOptions;
