import { type DataFrame } from '@grafana/data';

import { type OscarQuery } from '../../src/grafana/types';
import { resultFrames, type Row, rowsOf } from '../conformance/frames';
import { type QueryResult } from '../host';

export type Target = Omit<OscarQuery, 'refId'> & { refId: string };

/** A source in `meta.custom.completeness`; both ends of `missing` inclusive. */
export interface SourceEntry {
  source: string;
  status: 'ok' | 'partial' | 'missing';
  notes: string[];
  covered_from: string | null;
  covered_to: string | null;
  missing: Array<{ from: string; to: string }>;
}

/** What one query of a schedule was answered with. */
export interface ReportAnswer {
  target: Target;
  /** Undefined when the query ended in an error. */
  frame?: { rows: Row[]; sources: SourceEntry[]; warnings: string[] };
  error?: string;
}

const metrics = ['services-count', 'requests-per-user', 'countries-list'] as const;

/** Every kind of answer that the contract knows. */
export function allTargets(): Target[] {
  const targets: Array<Omit<OscarQuery, 'refId'>> = [
    { queryType: 'summary', includeUsers: true },
    { queryType: 'summary', interval: 'day' },
    { queryType: 'metric' },
    ...metrics.map((metric) => ({ queryType: 'metric', metric }) as const),
    { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
    { queryType: 'breakdown', groupBy: 'user' },
    { queryType: 'breakdown', groupBy: 'country' },
    { queryType: 'breakdown', groupBy: 'user', interval: 'week' },
    { queryType: 'country' },
    { queryType: 'membership' },
    { queryType: 'services' },
    { queryType: 'completeness' },
    { queryType: 'reconciliation' },
    { queryType: 'summary', format: 'timeseries', interval: 'day' },
    { queryType: 'metric', format: 'timeseries', interval: 'day' },
    { queryType: 'breakdown', groupBy: 'user', format: 'timeseries', interval: 'day' },
    { queryType: 'country', format: 'timeseries', interval: 'day' },
  ];
  return targets.map((target, index) => ({ ...target, refId: `R${index}` }));
}

export function nameOf({ queryType, groupBy, metric, format, interval }: Target): string {
  return [queryType, groupBy, metric, format, interval].filter(Boolean).join(' ');
}

/** One answer per target, in their order. */
export function answersOf(targets: readonly Target[], { response, error, thrown }: QueryResult): ReportAnswer[] {
  const errors = response.errors ?? [];
  return targets.map((target) => {
    const frames = resultFrames(response.data as DataFrame[]).filter(({ refId }) => refId === target.refId);
    const [frame] = frames;
    if (frame) {
      return { target, frame: readFrame(frame, target) };
    }
    const own = errors.find(({ refId }) => refId === target.refId);
    return { target, error: own?.message ?? (thrown ? `thrown: ${String(error)}` : 'neither a frame nor an error') };
  });
}

function readFrame(frame: DataFrame, { format }: Target): NonNullable<ReportAnswer['frame']> {
  return {
    rows: format === 'timeseries' ? seriesRows(frame) : rowsOf(frame),
    sources: (frame.meta?.custom?.completeness ?? []) as SourceEntry[],
    warnings: (frame.meta?.notices ?? []).filter(({ severity }) => severity === 'warning').map(({ text }) => text),
  };
}

/** A row for each time and series, so that time series compare like tables. */
function seriesRows(frame: DataFrame): Row[] {
  const [time, ...series] = frame.fields;
  return series.flatMap(({ name, labels, values }) =>
    values.map((value: unknown, index) => ({
      time: time?.values[index] as unknown,
      key: JSON.stringify([name, labels]),
      value,
    }))
  );
}
