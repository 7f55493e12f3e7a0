import { type DataFrame, type DataQueryRequest, type DataSourceInstanceSettings, dateTime } from '@grafana/data';
import { type BackendSrv, type DataSourceSrv, setBackendSrv, setDataSourceSrv, setTemplateSrv } from '@grafana/runtime';
import { lastValueFrom, map, type Observable, throwError } from 'rxjs';

import { type Span } from '../core/domain/span';
import { OscarDataSource } from '../grafana/datasource';
import { type OscarOptions, type OscarQuery } from '../grafana/types';
import { FakeLoki, type LogEntry } from './fakeLoki';
import { withProofs } from './proofs';

type FetchOptions = Parameters<BackendSrv['fetch']>[0];

const instances: Readonly<Record<string, unknown>> = {
  loki: { uid: 'loki', name: 'Loki', type: 'loki', access: 'proxy', jsonData: {} },
  prometheus: { uid: 'prometheus', name: 'Prometheus', type: 'prometheus', access: 'proxy', jsonData: {} },
};

/** A data source whose Loki holds these entries and whose Prometheus refuses every query. */
export function clusterWith(entries: readonly LogEntry[], options: OscarOptions = {}) {
  const loki = new FakeLoki(entries);
  const proving = withProofs(loki.transport);
  const asked = new Set<string>();
  const headersSent: Array<{ path: string; headers: Readonly<Record<string, unknown>> }> = [];
  const fetch = ({ url, params, method, headers = {} }: FetchOptions): Observable<unknown> => {
    const [, uid = '', path = ''] = /\/proxy\/uid\/([^/]+)\/(.*)$/.exec(url) ?? [];
    headersSent.push({ path, headers });
    asked.add(uid);
    if (uid !== 'loki') {
      return throwError(() => ({ status: 400, statusText: 'Bad Request', data: { message: 'refused' } }));
    }
    const request = { uid, path, method: method === 'POST' ? 'POST' : 'GET' } as const;
    return proving({ ...request, params: (params ?? {}) as Record<string, string> }).pipe(
      map((data) => ({ data, ok: true, status: 200 }))
    );
  };
  setBackendSrv({ fetch } as unknown as BackendSrv);
  setDataSourceSrv({ getInstanceSettings: (uid: string) => instances[uid] } as unknown as DataSourceSrv);
  setTemplateSrv({
    replace: (text?: string) => text ?? '',
    getVariables: () => [],
    containsTemplate: () => false,
    updateTimeRange: () => undefined,
  });
  const dataSource = new OscarDataSource({
    uid: 'oscar',
    jsonData: { lokiUid: 'loki', prometheusUid: 'prometheus', ...options },
  } as DataSourceInstanceSettings<OscarOptions>);
  return {
    dataSource,
    loki,
    /** What was sent in the headers of each request. */
    headers: headersSent,
    /** The data sources that got a request. */
    asked,
    /** The frames of one query over [start, end). */
    async frames(target: Omit<OscarQuery, 'refId'>, { start, end }: Span, timezone = 'utc'): Promise<DataFrame[]> {
      const request = {
        requestId: 'Q1',
        targets: [{ ...target, refId: 'A' }],
        range: { from: dateTime(start), to: dateTime(end - 1) },
        timezone,
      } as unknown as DataQueryRequest<OscarQuery>;
      const { data, errors } = await lastValueFrom(dataSource.query(request));
      if (errors && errors.length > 0) {
        throw new Error(errors.map(({ message }) => message).join('; '));
      }
      return data as DataFrame[];
    },
  };
}

export type TestRow = Readonly<Record<string, unknown>>;

/** The rows of a frame by column name. */
export function rowsOf(frame: DataFrame | undefined): TestRow[] {
  return Array.from({ length: frame?.length ?? 0 }, (_, index) =>
    Object.fromEntries((frame?.fields ?? []).map(({ name, values }) => [name, values[index] as unknown]))
  );
}
