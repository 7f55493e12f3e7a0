import { type Span } from '../domain/span';

/** Why a stretch of time is not covered. */
export type GapKind =
  /** The upstream could not be read there. */
  | 'unread'
  /** The upstream keeps data for a shorter time. */
  | 'expired'
  /** Before the first data that the upstream ever had. */
  | 'not-begun'
  /** The upstream was there, but nothing reached it. */
  | 'silent'
  /** The operator said so (option `knownGaps`). */
  | 'declared';

/** A stretch that is not covered, and why. */
export interface Gap extends Span {
  kind: GapKind;
  note: string;
}

/** What one rule of evidence says about one source; `ofCounts` where the counts alone say it, so that whoever has these can conclude it again. */
export type Finding = Effect & {
  /** A sentence for an operator. */
  note: string;
  /**
   * The same in a few words, for a line of several reasons: why a stretch is not read, or what is in doubt. Absent: the first
   * clause of the note. Empty: there is nothing to say beside the length of the gaps.
   */
  brief?: string;
};

type Effect =
  /** Nothing is known about these stretches; a figure that lies in them as a whole is null. */
  | { effect: 'lost'; kind: GapKind; spans: readonly Span[] }
  /** The figures of these stretches are there, but they may lack something; they do not count as covered. */
  | { effect: 'uncovered'; kind: GapKind; spans: readonly Span[] }
  /** The figures of these stretches (absent: of all) may be wrong, though all was read. */
  | { effect: 'doubt'; spans?: readonly Span[]; ofCounts?: true }
  /** The source was read, but says nothing at all. */
  | { effect: 'unusable' }
  /** Worth knowing, and no reason for doubt. */
  | { effect: 'remark'; ofCounts?: true };

/** The stretches that a finding is about; undefined when it is about all of the range. */
export function spansOf(finding: Finding): readonly Span[] | undefined {
  return 'spans' in finding ? finding.spans : undefined;
}
