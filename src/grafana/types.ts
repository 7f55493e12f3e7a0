import { type DataSourceJsonData } from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

import { type UsageOptions } from '../core/options';
import { type UsageQuery } from '../core/query';

/** A query as panels store it. */
export type OscarQuery = DataQuery & UsageQuery;

/** The options as the data source stores them in `jsonData`. */
export type OscarOptions = DataSourceJsonData & UsageOptions;
