import { DataSourcePlugin } from '@grafana/data';

import { OscarDataSource } from './grafana/datasource';
import { lazily } from './grafana/editors/lazily';
import { type OscarOptions, type OscarQuery } from './grafana/types';

export const plugin = new DataSourcePlugin<OscarDataSource, OscarQuery, OscarOptions>(OscarDataSource)
  .setConfigEditor(lazily(() => import('./grafana/editors/config/ConfigEditor')))
  .setQueryEditor(lazily(() => import('./grafana/editors/query/QueryEditor')))
  .setQueryEditorHelp(lazily(() => import('./grafana/editors/help/QueryHelp')));
