import { type DataFrame } from '@grafana/data';

import { type Answer } from '../../core/answer';
import { type OscarQuery } from '../types';
import { gapFrames } from './gapFrame';
import { seriesFrame } from './seriesFrame';
import { tableFrame } from './tableFrame';

/** The frames of an answer; none of one that failed. */
export function answerFrames(
  answer: Answer,
  { refId, queryType }: Pick<OscarQuery, 'refId' | 'queryType'>
): DataFrame[] {
  if (answer.kind === 'failure') {
    return [];
  }
  const { notices, remarks, completeness, executedQueries } = answer;
  const meta = { name: queryType, refId, executedQueryString: executedQueries, notices, remarks, completeness };
  return answer.kind === 'table'
    ? [tableFrame(answer.table, meta)]
    : [seriesFrame(answer.timeSeries, meta), ...gapFrames(completeness, refId)];
}
