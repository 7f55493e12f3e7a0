import { type QueryResultMetaNotice } from '@grafana/data';

import { metricsOf } from '../domain/affectedMetrics';
import { sourceTitles } from '../domain/sources';
import { type SourceState } from './model';

/** A source's state as it stands in `meta.custom.completeness` (contract, "Completeness"). */
export interface CompletenessEntry {
  source: string;
  status: string;
  coverage_percent: number | null;
  covered_from: string | null;
  covered_to: string | null;
  last_updated: string;
  affected_metrics: string[];
  notes: string[];
  /** Stretches without data; both ends inclusive. */
  missing: Array<{ from: string; to: string }>;
}

export function completenessEntry(state: SourceState): CompletenessEntry {
  const { range } = state;
  const whole = state.missing.some(({ start, end }) => start <= range.start && end >= range.end);
  const first = state.missing[0];
  const last = state.missing[state.missing.length - 1];
  return {
    source: state.source,
    status: state.status,
    coverage_percent: state.coveragePercent,
    covered_from: whole ? null : isoTime(first && first.start <= range.start ? first.end : range.start),
    covered_to: whole ? null : isoTime((last && last.end >= range.end ? last.start : range.end) - 1),
    last_updated: isoTime(state.lastUpdated),
    affected_metrics: metricsOf(state.source),
    notes: state.notes,
    missing: state.missing.map(({ start, end }) => ({ from: isoTime(start), to: isoTime(end - 1) })),
  };
}

/** One notice per severity: a panel shows only the last one of each. */
export function noticesOf(states: readonly SourceState[]): QueryResultMetaNotice[] {
  const notWhole = states.filter(({ status }) => status !== 'ok');
  const remarks = states.filter(({ status, notes }) => status === 'ok' && notes.length > 0);
  const notices: QueryResultMetaNotice[] = [];
  if (notWhole.length > 0) {
    notices.push({ severity: 'warning', text: notWhole.map(sentence).join(' · '), inspect: 'meta' });
  }
  if (remarks.length > 0) {
    notices.push({ severity: 'info', text: remarks.map(sentence).join(' · '), inspect: 'meta' });
  }
  return notices;
}

function sentence({ source, status, coveragePercent, notes }: SourceState): string {
  const share =
    status === 'partial' && coveragePercent !== null && coveragePercent < 100 ? ` (${coveragePercent} %)` : '';
  const state = status === 'ok' ? '' : ` ${status}${share}`;
  return `${sourceTitles[source]}${state}: ${notes.join('; ') || 'no further detail'}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
