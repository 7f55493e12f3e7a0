import { metricsOf } from '../domain/affectedMetrics';
import { sourceTitles } from '../domain/sources';
import { gapsIn, type Span } from '../domain/span';
import { isoTime } from '../domain/text';
import { type GapKind } from './findings';
import { gapsOf, type SourceState } from './model';
import { incompleteLines } from './reasons';

/** A remark about an answer as a whole, for people. */
export interface Notice {
  severity: 'info' | 'warning';
  text: string;
}

/** A stretch that is not covered; both ends inclusive, ISO 8601 in UTC. */
export interface GapEntry {
  from: string;
  to: string;
  kind: GapKind;
  note: string;
}

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
  /** Stretches that are not covered, ascending. */
  missing: GapEntry[];
  /** Stretches whose figures are there, but in doubt; both ends inclusive. */
  doubted: Array<{ from: string; to: string }>;
  /** First and last instant of which data are known; null: none, or not known. */
  oldest_data: string | null;
  last_data: string | null;
  /** The form of lines that could not be understood; in the report `completeness` only. */
  examples?: readonly string[];
  /** Present for a source that nobody has to configure, and that is no reason to warn. */
  advisory?: true;
}

export function completenessEntry(state: SourceState): CompletenessEntry {
  const { range, oldestData, lastData, examples } = state;
  const gaps = [...gapsOf(state)].sort((a, b) => a.start - b.start || a.end - b.end);
  const covered = state.unconfigured ? [] : gapsIn(range, gaps);
  return {
    source: state.source,
    status: state.status,
    coverage_percent: state.coveragePercent,
    covered_from: timeOrNull(covered[0]?.start),
    covered_to: timeOrNull(covered[covered.length - 1]?.end, -1),
    last_updated: isoTime(state.lastUpdated),
    affected_metrics: metricsOf(state.source),
    notes: state.notes,
    missing: gaps.map(({ kind, note, ...span }) => ({ ...inclusive(span), kind, note })),
    doubted: (state.doubted ?? []).map(inclusive),
    oldest_data: timeOrNull(oldestData),
    last_data: timeOrNull(lastData),
    ...(examples && examples.length > 0 && { examples }),
    ...(state.advisory && { advisory: true }),
  };
}

/**
 * One notice per severity: a panel shows only the last one of each. A warning says what is incomplete, in one line for each
 * source; `infos` are what else changes how figures are read. What changes none is a remark, and no notice.
 */
export function noticesOf(states: readonly SourceState[], infos: readonly string[] = []): Notice[] {
  const lines = incompleteLines(states);
  return [
    ...(lines.length > 0 ? [{ severity: 'warning', text: lines.join(separator) } as const] : []),
    ...(infos.length > 0 ? [{ severity: 'info', text: infos.join(separator) } as const] : []),
  ];
}

/** Between two lines of a notice. */
const separator = ' · ';

/** What is known of sources that are whole: no figure depends on it. */
export function remarksOf(states: readonly SourceState[]): string[] {
  return states
    .filter(({ status, advisory, notes }) => (status === 'ok' || advisory) && notes.length > 0)
    .map(({ source, notes }) => `${sourceTitles[source]}: ${notes.join('; ')}`);
}

function inclusive({ start, end }: Span): { from: string; to: string } {
  return { from: isoTime(start), to: isoTime(end - 1) };
}

function timeOrNull(ms: number | null | undefined, shiftMs = 0): string | null {
  return ms == null ? null : isoTime(ms + shiftMs);
}
