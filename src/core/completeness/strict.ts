import { type Span } from '../domain/span';
import { coverageIn, type SourceState, statusIn, withFindings } from './model';

/**
 * The state for a reader who wants figures only where at least a share of the time is covered (`minimumCoveragePercent`,
 * 0 to 100; 0 is off): those of the other spans are withheld. What is missing anyway stays as it is.
 */
export function withMinimumCoverage(state: SourceState, spans: readonly Span[], minimumPercent: number): SourceState {
  const withheld = spans.filter(
    (span) => statusIn(state, span) !== 'missing' && coverageIn(state, span) < minimumPercent
  );
  if (withheld.length === 0) {
    return state;
  }
  const shares = withheld.map((span) => coverageIn(state, span));
  const [low, high] = [Math.min(...shares), Math.max(...shares)];
  const covered = low === high ? `${low} %` : `${low} to ${high} %`;
  const note = `only ${covered} covered (minimum ${minimumPercent} %), so values are left empty`;
  return { ...withFindings(state, [{ effect: 'doubt', spans: withheld, note }]), withheld };
}

/** True when the figures of a span are withheld. */
export function isWithheld({ withheld = [] }: SourceState, { start, end }: Span): boolean {
  return withheld.some((span) => span.start === start && span.end === end);
}
