import { dayMs, hourMs, minuteMs } from '../domain/duration';
import { sourceTitles } from '../domain/sources';
import { clip, gapsIn, lengthOf, type Span, totalLength, unionOf } from '../domain/span';
import { inGroups, inWords, shortened } from '../domain/text';
import { type Finding, type GapKind, spansOf } from './findings';
import { gapsOf, type SourceState, statusIn } from './model';

/** Characters of what an upstream or a rule says, where it stands in a line with other reasons. */
const maxReason = 90;

/** What a gap of each kind is, after its length. What was not read differs by source (`SourceState.unread`). */
const gapWords: Readonly<Record<Exclude<GapKind, 'unread'>, string>> = {
  expired: 'no longer kept',
  'not-begun': 'before the first data',
  silent: 'without any line',
  declared: 'in a known gap',
};

const gapKinds = ['unread', 'expired', 'not-begun', 'silent', 'declared'] as const satisfies readonly GapKind[];

/**
 * What is incomplete, a short line for each source that is not whole in the part of the range (absent: in all of it), such as
 * `CPU hours: 2 of 720 hours not scraped`. Sources with the same reasons share a line. The notes have the details.
 */
export function incompleteLines(states: readonly SourceState[], part?: Span): string[] {
  const ofLines = states.find(({ source }) => source === 'request-logs');
  const titles = new Map<string, string[]>();
  for (const state of states) {
    const span = part ?? state.range;
    const status = statusOf(state, part);
    if (status === 'ok' || state.advisory) {
      continue;
    }
    const all = reasonsIn(state, span);
    // What the lines lack, the countries lack too, and it is said of the lines already.
    const shared = state.source === 'country-attribution' && ofLines ? reasonsIn(ofLines, span) : [];
    const own = all.filter((reason) => !shared.includes(reason));
    const text = `${status === 'missing' ? ' missing' : ''}: ${(own.length > 0 ? own : all).join(', ')}`;
    titles.set(text, [...(titles.get(text) ?? []), sourceTitles[state.source]]);
  }
  return [...titles].map(([text, names]) => `${inWords(names)}${text}`);
}

/** Why a source is not whole in a part of the range, a few words each; empty when it is whole. */
function reasonsIn(state: SourceState, part: Span): string[] {
  const [range] = clip([part], state.range);
  const ofFindings = (state.findings ?? []).flatMap((finding) => doubtOf(finding, part));
  const ofGaps = range ? gapReasons(state, range) : [];
  const reasons = [...new Set([...ofGaps, ...ofFindings])];
  return reasons.length > 0 ? reasons : state.notes.slice(0, 1).map((note) => shortened(note, maxReason));
}

function statusOf(state: SourceState, part: Span | undefined) {
  return part ? statusIn(state, part) : state.status;
}

function doubtOf(finding: Finding, part: Span): string[] {
  const { effect, note, brief = firstClause(note) } = finding;
  const spans = spansOf(finding);
  const isDoubt = effect === 'unusable' || effect === 'doubt';
  return isDoubt && brief !== '' && (!spans || clip(spans, part).length > 0) ? [shortened(brief, maxReason)] : [];
}

/** The gaps inside the range, those of one kind together. What is no longer kept, or never was, could not be read either. */
function gapReasons(state: SourceState, range: Span): string[] {
  const gaps = gapsOf(state);
  const ofKind = (...kinds: GapKind[]) =>
    unionOf(
      clip(
        gaps.filter(({ kind }) => kinds.includes(kind)),
        range
      )
    );
  const explained = ofKind('expired', 'not-begun');
  return gapKinds.flatMap((kind) => {
    const spans = kind === 'unread' ? ofKind(kind).flatMap((span) => gapsIn(span, explained)) : ofKind(kind);
    if (spans.length === 0) {
      return [];
    }
    const lost = totalLength(spans);
    if (kind !== 'unread') {
      return [`${amountOf(lost, lengthOf(range))} ${gapWords[kind]}`];
    }
    const why = unreadReasons(state, range);
    // Why nothing at all is known matters more than that.
    if (lost >= lengthOf(range) && why.length > 0) {
      return why;
    }
    return [
      `${amountOf(lost, lengthOf(range))} ${state.unread ?? 'not read'}${why.length > 0 ? ` (${why.join(', ')})` : ''}`,
    ];
  });
}

/** What an upstream said where it could not be read. A state without findings has said it in its first note. */
function unreadReasons({ findings, notes, unread, missing, range }: SourceState, part: Span): string[] {
  if (!findings) {
    const isAll = totalLength(missing) >= lengthOf(range);
    return unread === undefined || isAll ? notes.slice(0, 1).map((note) => shortened(note, maxReason)) : [];
  }
  return findings.flatMap(({ brief, ...finding }) =>
    finding.effect === 'lost' && finding.kind === 'unread' && brief && clip(finding.spans, part).length > 0
      ? [shortened(brief, maxReason)]
      : []
  );
}

/** A length of time within another one: `2 of 720 hours`, `3 of 30 days`, `12 minutes of 30 days`. Never less than it is. */
function amountOf(lostMs: number, rangeMs: number): string {
  if (lostMs >= rangeMs) {
    return 'the whole range';
  }
  const [unit, ms] =
    lostMs >= 2 * dayMs ? ['days', dayMs] : lostMs >= hourMs ? ['hours', hourMs] : ['minutes', minuteMs];
  const exact = lostMs / ms;
  const lost = exact < 10 ? Math.ceil(exact * 10 - 1e-6) / 10 : Math.ceil(exact - 1e-6);
  if (unit !== 'minutes' || rangeMs < 2 * hourMs) {
    return `${inGroups(lost)} of ${inGroups(Math.max(lost, Math.round(rangeMs / ms)))} ${unit}`;
  }
  const [wholeUnit, whole] = rangeMs >= 2 * dayMs ? ['days', dayMs] : ['hours', hourMs];
  return `${inGroups(Math.ceil(lost))} ${lost <= 1 ? 'minute' : 'minutes'} of ${inGroups(Math.round(rangeMs / whole))} ${wholeUnit}`;
}

/** `3 lines cut short` of `3 lines cut short: somebody may have written …`. */
function firstClause(note: string): string {
  const end = note.search(/[:;] /);
  return end === -1 ? note : note.slice(0, end);
}
