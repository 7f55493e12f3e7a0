import { type Finding } from '../completeness/findings';
import { type SourceState } from '../completeness/model';
import { quarterHourMs } from '../domain/duration';
import { clip, gapsIn, type Span, unionOf } from '../domain/span';

/**
 * What a record keeps of the state of a source: findings that lead to the same state (`stateOfFindings`). What is lost is lost in
 * whole quarter hours, because a record has no parts of them.
 */
export function findingsOf(state: SourceState, day: Span): Finding[] {
  const { findings, missing, notes, range, status } = state;
  // What the counts alone say, is concluded from the counts again.
  const own = (findings ?? []).filter((finding) => !('ofCounts' in finding));
  const known = own.flatMap((finding) => partOf(finding, day));
  const lost = known.flatMap((finding) => (finding.effect === 'lost' ? finding.spans : []));
  const unknown = clip([...missing, ...gapsIn(day, [range])], day);
  const rest = unionOf(unknown.flatMap((span) => gapsIn(span, lost)));
  const told = findings ? [] : notes;
  if (rest.length > 0) {
    return [...known, unread(rest, told.join('; '))];
  }
  return [...known, ...told.map((note): Finding => ({ effect: status === 'ok' ? 'remark' : 'doubt', note }))];
}

/** Quarter hours that were not read, though no finding says why. */
export function unread(spans: readonly Span[], note: string): Finding {
  return { effect: 'lost', kind: 'unread', spans: inQuarters(spans), note: note || 'it could not be read' };
}

function partOf(finding: Finding, day: Span): Finding[] {
  if (!('spans' in finding) || !finding.spans) {
    return [finding];
  }
  const spans = clip(finding.spans, day);
  if (spans.length === 0) {
    return [];
  }
  return [finding.effect === 'lost' ? { ...finding, spans: inQuarters(spans) } : { ...finding, spans: unionOf(spans) }];
}

function inQuarters(spans: readonly Span[]): Span[] {
  const whole = spans.map(({ start, end }) => ({
    start: Math.floor(start / quarterHourMs) * quarterHourMs,
    end: Math.ceil(end / quarterHourMs) * quarterHourMs,
  }));
  return unionOf(whole);
}
