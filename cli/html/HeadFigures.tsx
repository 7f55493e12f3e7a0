import React from 'react';

import { type Status, worstStatus } from '../../src/core/completeness/model';
import { reports } from '../../src/core/reports/registry';
import { tableIn, type WrittenReport } from '../output/report';
import { shownCell } from '../output/text';

/** The figures of the summary that a reader looks for first. */
const headFigures: ReadonlyArray<readonly [column: string, title: string]> = [
  ['requests_count_total', 'requests (sync and async)'],
  ['requests_count_exposed', 'exposed requests'],
  ['users_count', 'users'],
  ['countries_count', 'countries'],
  ['services_count_total', 'services used'],
  ['services_count_active', 'services deployed now'],
  ['cpu_hours_total', 'CPU hours'],
  ['gpu_hours_total', 'GPU hours'],
  ['requests_count_sync', 'sync requests'],
  ['requests_count_async', 'async requests'],
  ['requests_count_failed', 'failed requests (included)'],
  ['requests_count_rejected', 'rejected requests (not included)'],
];

interface Props {
  summary: WrittenReport;
  /** True when rejected requests are part of the requests. */
  countsRejected: boolean;
}

/** The figures of the whole range, each with a mark of its own where it is not complete. */
export function HeadFigures({ summary, countsRejected }: Props) {
  const table = tableIn(summary.answer);
  return (
    <ul className="figures">
      {headFigures.map(([name, title]) => {
        const column = table.columns.find((one) => one.name === name);
        const cell = column?.values[0] ?? null;
        const isPartial = cell !== null && statusOf(name, summary) !== 'ok';
        return (
          <li key={name}>
            <b>{column && cell !== null ? shownCell(cell, column.type) : '–'}</b>
            <span>
              {name === 'requests_count_rejected' && countsRejected ? 'rejected requests (included)' : title}
              {cell === null && ' (not known)'}
            </span>
            {isPartial && <em>partial</em>}
          </li>
        );
      })}
    </ul>
  );
}

/** The worst status of the sources that a figure depends on; where the range has not ended, no figure is complete. */
function statusOf(name: string, { query, answer, isComplete }: WrittenReport): Status {
  const sources = reports.summary.columns(query).find((column) => column.name === name)?.sources ?? [];
  const own = answer.completeness.filter((entry) => sources.some((source) => source === entry.source));
  const areOthersWhole = answer.completeness.every(({ status, advisory }) => status === 'ok' || advisory);
  return !isComplete && areOthersWhole ? 'partial' : worstStatus(own.map(({ status }) => status as Status));
}
