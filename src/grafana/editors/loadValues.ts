import {
  type DataQueryRequest,
  dateTime,
  type DataQueryResponse,
  type MetricFindValue,
  type TimeRange,
} from '@grafana/data';
import { from, lastValueFrom } from 'rxjs';

import { dayMs } from '../../core/domain/duration';
import { type OscarQuery } from '../types';
import { queriesOfList, type ValueListName, valuesIn } from '../variables/valueLists';
import { type DataSource } from './query/editorProps';

/**
 * The services, users or countries of a range, for an editor's menu. Throws an `Error` with the data source's words when
 * it could not tell.
 */
export async function loadValues(
  datasource: DataSource,
  list: ValueListName,
  range: TimeRange = lastDay()
): Promise<MetricFindValue[]> {
  const request: DataQueryRequest<OscarQuery> = {
    requestId: `oscar-editor-${list}`,
    app: 'oscar-editor',
    targets: queriesOfList(list, 'editor'),
    range,
    interval: '',
    intervalMs: 0,
    scopedVars: {},
    startTime: Date.now(),
    timezone: 'utc',
  };
  const response: DataQueryResponse = await lastValueFrom(from(datasource.query(request)));
  const problem = response.errors?.[0]?.message;
  if (problem) {
    throw new Error(problem);
  }
  return valuesIn(response.data, list);
}

function lastDay(): TimeRange {
  const to = dateTime();
  const start = dateTime(to.valueOf() - dayMs);
  return { from: start, to, raw: { from: start, to } };
}
