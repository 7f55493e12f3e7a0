import { type SourceState } from '../completeness/model';
import { dayMs } from '../domain/duration';
import { type SourceName, sourceNames } from '../domain/sources';
import { clip, gapsIn, type Span, unionOf } from '../domain/span';
import { isoTime } from '../domain/text';
import { type KnownGap } from '../options';
import { about, type Rule } from './rule';

/** A gap of the options whose ends are understood. */
export interface DeclaredGap extends Span {
  source: SourceName;
  note: string;
}

export interface DeclaredSubject {
  state: SourceState;
  gaps: readonly DeclaredGap[];
}

/** A time as options take it: a date, or a date and a time of day with its zone. */
const timePattern = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/**
 * Where the operator knows of a gap, figures are there but may lack something, so that they are partial and stand. Text
 * from the options is shown as it is.
 */
const declared: Rule<DeclaredSubject> = {
  name: 'declared-gaps',
  judge: ({ state, gaps }) =>
    gaps
      .filter(({ source }) => source === state.source)
      .flatMap(({ start, end, note: text }) => {
        const note = `known gap from ${isoTime(start)} to ${isoTime(end - 1)}${text ? `: ${text}` : ''}`;
        const known = knownFrom(state, note);
        const spans = clip([{ start, end }], state.range).flatMap((span) => gapsIn(span, known));
        return about({ effect: 'uncovered', kind: 'declared', spans, note });
      }),
};

/** Where usage records name the same gap already, because it was declared when they were made. */
function knownFrom({ findings = [] }: SourceState, note: string): Span[] {
  return unionOf(
    findings.flatMap((finding) =>
      finding.effect === 'uncovered' && finding.kind === 'declared' && finding.note.includes(note) ? finding.spans : []
    )
  );
}

export const declaredRules: ReadonlyArray<Rule<DeclaredSubject>> = [declared];

/**
 * The gaps of valid options. Both ends are inclusive; an end that is a date means the whole of that day, in UTC.
 */
export function declaredGapsOf(gaps: readonly KnownGap[]): DeclaredGap[] {
  return gaps.flatMap(({ from, to, source, note }) => {
    const name = sourceNames.find((known) => known === source);
    const start = timeOf(from);
    const last = timeOf(to);
    if (!name || start === undefined || last === undefined) {
      return [];
    }
    return [{ source: name, start, end: last + (isDate(to) ? dayMs : 1), note: note?.trim() ?? '' }];
  });
}

/** ms since the epoch; undefined for what is no time. */
export function timeOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !timePattern.test(value)) {
    return undefined;
  }
  const time = Date.parse(value);
  // `2026-02-30` is taken for the 2nd of March otherwise.
  const isReal = new Date(`${value.slice(0, 10)}T00:00:00Z`).toJSON()?.startsWith(value.slice(0, 10));
  return Number.isNaN(time) || !isReal ? undefined : time;
}

function isDate(value: string): boolean {
  return value.length === 10;
}
