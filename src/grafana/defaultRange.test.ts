import { type DataFrame, type DataQueryRequest } from '@grafana/data';
import { lastValueFrom } from 'rxjs';

import { dayMs } from '../core/domain/duration';
import { clusterWith, rowsOf } from '../testing/cluster';
import { type OscarQuery } from './types';

it('answers about the last 24 hours when Grafana gives no range', async () => {
  const now = Date.parse('2026-06-15T10:00:00Z');
  const clock = jest.spyOn(Date, 'now').mockReturnValue(now);
  const { dataSource } = clusterWith([]);
  const targets = [{ refId: 'A', queryType: 'summary', columns: ['requests_count_total', 'start_time', 'end_time'] }];
  const request = { requestId: 'Q1', targets, timezone: 'utc' } as unknown as DataQueryRequest<OscarQuery>;
  const { data } = await lastValueFrom(dataSource.query(request));
  clock.mockRestore();
  const [row] = rowsOf((data as DataFrame[])[0]);
  expect(row).toMatchObject({
    start_time: new Date(now - dayMs).toISOString(),
    end_time: new Date(now).toISOString(),
  });
});
