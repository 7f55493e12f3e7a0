import { type SourceState } from '../completeness/model';
import { type SourceName, sourceNames } from '../domain/sources';
import { clip, type Span } from '../domain/span';
import { type KnownGap } from '../types';
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
      .flatMap(({ start, end, note }) =>
        about({
          effect: 'uncovered',
          kind: 'declared',
          spans: clip([{ start, end }], state.range),
          note: `known gap from ${isoTime(start)} to ${isoTime(end - 1)}${note ? `: ${note}` : ''}`,
        })
      ),
};

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
    return [{ source: name, start, end: last + (isDate(to) ? 86_400_000 : 1), note: note?.trim() ?? '' }];
  });
}

/** Says what is wrong with the option, and at which position; undefined when nothing is. */
export function knownGapsProblem(gaps: unknown): string | undefined {
  if (!Array.isArray(gaps)) {
    return 'knownGaps must be a list of {from, to, source, note}';
  }
  return gaps
    .map((gap: Partial<Record<keyof KnownGap, unknown>> | null, index) => {
      const problem = typeof gap === 'object' && gap !== null ? problemOf(gap) : ' must be {from, to, source, note}';
      return problem && `knownGaps[${index}]${problem}`;
    })
    .find((problem) => problem);
}

function problemOf({ from, to, source, note }: Partial<Record<keyof KnownGap, unknown>>): string | undefined {
  const form = 'must be a time such as 2026-10-05T08:00:00Z or a date such as 2026-10-05';
  const start = timeOf(from);
  const last = timeOf(to);
  if (start === undefined) {
    return `.from ${form}, not ${JSON.stringify(from)}`;
  }
  if (last === undefined) {
    return `.to ${form}, not ${JSON.stringify(to)}`;
  }
  if (last < start) {
    return `.to must not lie before .from (${String(to)} is before ${String(from)})`;
  }
  if (!sourceNames.some((name) => name === source)) {
    return `.source: unknown source ${JSON.stringify(source)}; valid are: ${sourceNames.join(', ')}`;
  }
  return note === undefined || typeof note === 'string' ? undefined : '.note must be a text';
}

/** ms since the epoch; undefined for what is no time. */
function timeOf(value: unknown): number | undefined {
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

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
