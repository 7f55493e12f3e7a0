import { type DataSourceApi, type QueryEditorProps, type TimeRange } from '@grafana/data';

import { type OscarOptions, type OscarQuery } from '../../types';

/** The data source as editors see it. */
export type DataSource = DataSourceApi<OscarQuery, OscarOptions>;

export type EditorProps = QueryEditorProps<DataSource, OscarQuery, OscarOptions>;

/** What the small editors of the query types need. */
export interface FieldProps {
  query: OscarQuery;
  /** Range whose services are offered; the last day where it is not known. */
  range?: TimeRange;
  datasource: DataSource;
  /** Takes a finished change over and runs the query. */
  onCommit: (changes: Partial<OscarQuery>) => void;
}
