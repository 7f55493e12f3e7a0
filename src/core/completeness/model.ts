import { type SourceName } from '../domain/sources';
import { clip, isEmpty, lengthOf, type Span, totalLength, unionOf } from '../domain/span';
import { type Finding, type Gap, spansOf } from './findings';

export type Status = 'ok' | 'partial' | 'missing';

/** What is known about one source over the range of a query. */
export interface SourceState {
  source: SourceName;
  status: Status;
  /** Sentences for an operator. */
  notes: string[];
  /** Share of the range that is covered, 0 to 100; null where it means nothing. */
  coveragePercent: number | null;
  /** Stretches of the range about which nothing is known. */
  missing: Span[];
  /** What can be said of the stretches that were not read, after their length; absent: `not read`. */
  unread?: string;
  /** True when the figures of the whole range are in doubt, whatever was read of it. */
  degraded: boolean;
  /** The part of the range about which anything can be known. */
  range: Span;
  /** When the source was asked, in ms since the epoch. */
  lastUpdated: number;
  /** Stretches that are not covered, with the reason; the missing ones and those whose figures may lack something. */
  gaps?: readonly Gap[];
  /** Stretches whose figures are there, but in doubt. */
  doubted?: readonly Span[];
  /** Spans of the report whose figures are left empty, because too little of them is covered for the reader. */
  withheld?: readonly Span[];
  /** What the state was concluded from; absent where it was not concluded from findings. */
  findings?: readonly Finding[];
  /** The parts of the range that come from usage records; absent where none do. */
  recorded?: readonly Span[];
  /** First and last instant of which data are known, in ms since the epoch; null: none, absent: not known. */
  oldestData?: number | null;
  lastData?: number | null;
  /** The form of lines that could not be understood, without what could tell of people; for the report of completeness. */
  examples?: readonly string[];
  /** True for an optional source that the options leave out: nothing is asked, and its figures are null. */
  unconfigured?: boolean;
  /** True for a source that nobody has to configure: figures are whole without it, so that it is no reason to warn. */
  advisory?: boolean;
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
    return missingState(source, range, 'the range is in the future', lastUpdated);
  }
  const spans = unionOf(clip(missing, range));
  const lost = totalLength(spans);
  const status: Status = lost === 0 ? 'ok' : lost >= lengthOf(range) ? 'missing' : 'partial';
  const coveragePercent = shareLeft(lost, lengthOf(range));
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

/** State of an optional source that the options leave out, which is no fault (contract, "Completeness"). */
export function unconfiguredState(source: SourceName, range: Span, lastUpdated: number): SourceState {
  return {
    source,
    status: 'ok',
    notes: ['not configured'],
    coveragePercent: null,
    missing: [],
    degraded: false,
    range,
    lastUpdated,
    unconfigured: true,
  };
}

/** The state that findings lead to, when everything else is well. */
export function stateOfFindings(
  source: SourceName,
  range: Span,
  findings: readonly Finding[],
  lastUpdated: number
): SourceState {
  return withFindings(stateOfSpans(source, range, [], [], lastUpdated), findings);
}

/** A state with more findings. The order of the findings decides nothing but the order of the notes. */
export function withFindings(state: SourceState, findings: readonly Finding[]): SourceState {
  if (findings.length === 0 || isEmpty(state.range)) {
    return state;
  }
  const { range } = state;
  const lost = findings.flatMap((finding) => (finding.effect === 'lost' ? clip(finding.spans, range) : []));
  const missing = unionOf([...state.missing, ...lost]);
  const gaps = [...gapsOf(state), ...findings.flatMap((finding) => gapsOfFinding(finding, range))];
  const doubted = unionOf([
    ...(state.doubted ?? []),
    ...findings.flatMap((finding) =>
      finding.effect === 'doubt' || finding.effect === 'uncovered' ? clip(finding.spans ?? [], range) : []
    ),
  ]);
  const degraded = state.degraded || findings.some((finding) => finding.effect === 'doubt' && !finding.spans);
  const unusable = findings.some(({ effect }) => effect === 'unusable');
  const lostAll = totalLength(missing) >= lengthOf(range);
  const status = worstStatus([
    state.status,
    missing.length > 0 || doubted.length > 0 || degraded ? 'partial' : 'ok',
    lostAll || unusable ? 'missing' : 'ok',
  ]);
  return {
    ...state,
    status,
    notes: [...state.notes, ...findings.map(({ note }) => note)],
    coveragePercent: state.coveragePercent === null ? null : shareLeft(totalLength(unionOf(gaps)), lengthOf(range)),
    missing,
    gaps,
    doubted,
    degraded,
    findings: [...(state.findings ?? state.notes.map(noteOfUnknownReach(state))), ...findings],
  };
}

/** The same state, with a doubt about all of its figures. */
export function degrade(state: SourceState, note: string): SourceState {
  return isEmpty(state.range)
    ? { ...state, notes: [...state.notes, note] }
    : withFindings(state, [{ effect: 'doubt', note }]);
}

/** The stretches that a state does not cover. */
export function gapsOf({ gaps, missing, notes }: SourceState): readonly Gap[] {
  return gaps ?? missing.map((span) => ({ ...span, kind: 'unread', note: notes.join('; ') }));
}

/** The status of a source inside a part of the range, such as one period. */
export function statusIn(state: SourceState, part: Span): Status {
  if (state.unconfigured) {
    return 'ok';
  }
  const known = totalLength(clip([part], state.range));
  if (known === 0) {
    return 'missing';
  }
  const doubted = state.doubted ?? [];
  if (state.status !== 'partial' || (state.missing.length === 0 && doubted.length === 0)) {
    return state.status;
  }
  const lost = totalLength(clip(state.missing, part));
  if (lost > 0 && lost >= known) {
    return 'missing';
  }
  return lost > 0 || state.degraded || clip(doubted, part).length > 0 ? 'partial' : 'ok';
}

/** Share of a part of the range that is covered, 0 to 100, rounded down to two decimals; 0 for a missing source. */
export function coverageIn(state: SourceState, part: Span): number {
  if (statusIn(state, part) === 'missing') {
    return 0;
  }
  const known = totalLength(clip([part], state.range));
  return shareLeft(totalLength(clip(unionOf(gapsOf(state)), part)), known);
}

/** What an operator should know about a part of the range: the reasons why it is not whole. Without remarks. */
export function notesIn(state: SourceState, part: Span): string[] {
  if (statusIn(state, part) === 'ok') {
    return [];
  }
  if (!state.findings) {
    return state.notes;
  }
  const concerns = state.findings.filter((finding) => {
    const spans = spansOf(finding);
    return finding.effect !== 'remark' && (!spans || clip(spans, part).length > 0);
  });
  return concerns.map(({ note }) => note);
}

function gapsOfFinding(finding: Finding, range: Span): Gap[] {
  if (finding.effect !== 'lost' && finding.effect !== 'uncovered') {
    return [];
  }
  const { kind, note } = finding;
  return unionOf(clip(finding.spans, range)).map((span) => ({ ...span, kind, note }));
}

/** The notes of a state that was made without findings, as findings. */
function noteOfUnknownReach({ status, missing }: SourceState): (note: string) => Finding {
  return (note) =>
    status === 'ok' ? { effect: 'remark', note } : { effect: 'doubt', note, ...(missing.length > 0 && { brief: '' }) };
}

/** Rounded down, so that a loss never shows as 100 %. */
function shareLeft(lost: number, all: number): number {
  return Math.floor((1 - lost / Math.max(1, all)) * 10_000) / 100;
}
