import { type SourceName } from '../domain/sources';
import { clip, lengthOf, type Span, unionOf } from '../domain/span';

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
  const spans = unionOf(clip(missing, range));
  const lost = spans.reduce((sum, span) => sum + lengthOf(span), 0);
  const status: Status = lost === 0 ? 'ok' : lost >= lengthOf(range) ? 'missing' : 'partial';
  // Rounded down, so that a loss never shows as 100 %.
  const coveragePercent = Math.floor((1 - lost / Math.max(1, lengthOf(range))) * 10_000) / 100;
  return { source, status, notes: [...notes], coveragePercent, missing: spans, lastUpdated };
}

/** State of a source that delivered nothing. */
export function missingState(source: SourceName, range: Span, note: string, lastUpdated: number): SourceState {
  return { source, status: 'missing', notes: [note], coveragePercent: 0, missing: [range], lastUpdated };
}

/** The status of a source inside a part of the range, such as one period. */
export function statusIn(state: SourceState, part: Span): Status {
  if (state.status !== 'partial' || state.missing.length === 0) {
    return state.status;
  }
  const lost = clip(state.missing, part).reduce((sum, span) => sum + lengthOf(span), 0);
  return lost === 0 ? 'ok' : lost >= lengthOf(part) ? 'missing' : 'partial';
}
