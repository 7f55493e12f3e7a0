import { DataSourcePlugin } from '@grafana/data';

import { OscarDataSource } from './datasource';
import { type OscarOptions, type OscarQuery } from './types';

export const plugin = new DataSourcePlugin<OscarDataSource, OscarQuery, OscarOptions>(OscarDataSource);
