import { DataSourcePlugin } from '@grafana/data';

import { lazily } from './components/lazily';
import { OscarDataSource } from './datasource';
import { type OscarOptions, type OscarQuery } from './types';

export const plugin = new DataSourcePlugin<OscarDataSource, OscarQuery, OscarOptions>(OscarDataSource)
  .setConfigEditor(lazily(() => import('./components/config/ConfigEditor')))
  .setQueryEditor(lazily(() => import('./components/query/QueryEditor')))
  .setQueryEditorHelp(lazily(() => import('./components/help/QueryHelp')));
