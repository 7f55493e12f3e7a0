import { type SourceName } from '../domain/sources';
import { clip, isEmpty, lengthOf, type Span, unionOf } from '../domain/span';

export type Status = 'ok' | 'partial' | 'missing';

/** What is known about one source over the range of a query. */
export interface SourceState {
  source: SourceName;
  status: Status;
  /** Sentences for an operator. */
  notes: string[];
  /** Share of the range that was read, 0 to 100; null where it means nothing. */
  coveragePercent: number | null;
  /** Stretches of the range that are not covered. */
  missing: Span[];
  /** True when the figures of the whole range are in doubt, whatever was read of it. */
  degraded: boolean;
  /** The part of the range about which anything can be known. */
  range: Span;
  /** When the source was asked, in ms since the epoch. */
  lastUpdated: number;
}

const rank: Readonly<Record<Status, number>> = { ok: 0, partial: 1, missing: 2 };

export function worstStatus(statuses: readonly Status[]): Status {
  return statuses.reduce<Status>((worst, status) => (rank[status] > rank[worst] ? status : worst), 'ok');
}

/** State of a source that was read over `range` except for `missing`. */
export function stateOfSpans(
  source: SourceName,
  range: Span,
  missing: readonly Span[],
  notes: readonly string[],
  lastUpdated: number
): SourceState {
  if (isEmpty(range)) {
    return missingState(source, range, 'the range lies ahead', lastUpdated);
  }
  const spans = unionOf(clip(missing, range));
  const lost = spans.reduce((sum, span) => sum + lengthOf(span), 0);
  const status: Status = lost === 0 ? 'ok' : lost >= lengthOf(range) ? 'missing' : 'partial';
  // Rounded down, so that a loss never shows as 100 %.
  const coveragePercent = Math.floor((1 - lost / Math.max(1, lengthOf(range))) * 10_000) / 100;
  return { source, status, notes: [...notes], coveragePercent, missing: spans, degraded: false, range, lastUpdated };
}

/** State of a source that delivered nothing. */
export function missingState(source: SourceName, range: Span, note: string, lastUpdated: number): SourceState {
  return {
    source,
    status: 'missing',
    notes: [note],
    coveragePercent: 0,
    missing: [range],
    degraded: false,
    range,
    lastUpdated,
  };
}

/** The same state, with a doubt about all of its figures. */
export function degrade(state: SourceState, note: string): SourceState {
  const status = worstStatus([state.status, 'partial']);
  return { ...state, status, degraded: true, notes: [...state.notes, note] };
}

/** The status of a source inside a part of the range, such as one period. */
export function statusIn(state: SourceState, part: Span): Status {
  const known = clip([part], state.range).reduce((sum, span) => sum + lengthOf(span), 0);
  if (known === 0) {
    return 'missing';
  }
  if (state.status !== 'partial' || state.missing.length === 0) {
    return state.status;
  }
  const lost = clip(state.missing, part).reduce((sum, span) => sum + lengthOf(span), 0);
  if (lost > 0 && lost >= known) {
    return 'missing';
  }
  return lost > 0 || state.degraded ? 'partial' : 'ok';
}
