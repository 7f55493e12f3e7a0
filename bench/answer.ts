import { type DataFrame } from '@grafana/data';

import { type Host } from '../stack/host';
import { type Range } from '../stack/traffic';

export type DataSource = ReturnType<Host['createDataSource']>;

/** As Grafana makes it when a page is opened; it reads logs and samples, whatever records there are. */
export function fresh(host: Host): DataSource {
  return host.createDataSource({ prometheusUid: 'prometheus', lokiUid: 'loki', recordsSelector: '' });
}

/** The same at the default of the option: it takes what it can from usage records. */
export function freshWithRecords(host: Host): DataSource {
  return host.createDataSource({ prometheusUid: 'prometheus', lokiUid: 'loki' });
}

/** The frame of one query. Throws when there is none. */
export async function answer(
  host: Host,
  dataSource: DataSource,
  query: object,
  { from, to }: Range
): Promise<DataFrame> {
  const target = query as Parameters<Host['queryOnce']>[1];
  const { response, error } = await host.queryOnce(dataSource, target, { from, to: to - 1, timezone: 'utc' });
  const frame = response?.data[0] as DataFrame | undefined;
  if (!frame) {
    throw new Error(`a query brought no frame: ${JSON.stringify(error)}`);
  }
  return frame;
}
