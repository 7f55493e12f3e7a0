import { type Finding, spansOf } from '../completeness/findings';
import { dayMs } from '../domain/duration';
import { clip, type Span, totalLength, unionOf } from '../domain/span';
import { amountOf, inGroups } from '../domain/text';
import { type Day, dayAt, type RecordedUsers } from '../records/dayRecord';
import { type Dispute } from '../records/recordArchive';
import { RecordOrigin } from '../records/recordBook';
import { type Cell } from '../requests/cell';
import { type LedgerView } from '../requests/ledger';
import { about, type Rule } from './rule';

/** What of a range comes from usage records. */
export interface RecordedPart extends Span {
  origin: RecordOrigin;
}

interface RecordSubject {
  view: LedgerView;
  /** As of `LogSubject`. */
  disputes?: readonly Dispute[];
}

/** The parts of counts that come from usage records, in order of time. */
function recordedParts(cells: readonly Cell[]): RecordedPart[] {
  return cells.flatMap(({ start, end, origin }) => (origin instanceof RecordOrigin ? [{ start, end, origin }] : []));
}

/** The time of some parts. */
export function timeOf(parts: readonly RecordedPart[]): Span[] {
  return unionOf(parts.map(({ start, end }) => ({ start, end })));
}

const known = new WeakMap<readonly Cell[], Span[]>();

/** The time of a view that usage records cover. */
export function recordedIn({ cells }: Pick<LedgerView, 'cells'>): Span[] {
  const spans = known.get(cells) ?? timeOf(recordedParts(cells));
  known.set(cells, spans);
  return spans;
}

/** What is to be said of parts that come from usage records, whatever they count. */
export function findingsOfParts(parts: readonly RecordedPart[], range: Span): Finding[] {
  return parts.length === 0 ? [] : [...howMany(parts, range), ...doubts(parts), ...ownFindings(parts)];
}

/** How many days come from records, and of when these are. */
function howMany(parts: readonly RecordedPart[], range: Span): Finding[] {
  const recorded = daysIn(totalLength(timeOf(parts)));
  const times = parts.map(({ origin }) => origin.recordedAt).sort();
  const [first = '', last = ''] = [times[0], times[times.length - 1]];
  const when = first === last ? `written at ${first}` : `written between ${first} and ${last}`;
  return [
    {
      effect: 'remark',
      note: `${recorded} of ${amountOf(daysIn(range.end - range.start), 'day')} come from usage records ${when}`,
    },
  ];
}

function daysIn(ms: number): number {
  return Math.round((ms / dayMs) * 10) / 10;
}

/** Why days of records are in doubt, which are used because the logs or samples are gone. */
function doubts(parts: readonly RecordedPart[]): Finding[] {
  return byText(parts, ({ origin }) => (origin.doubt === undefined ? [] : [origin.doubt])).flatMap(([doubt, own]) =>
    about({ effect: 'doubt', spans: timeOf(own), note: `from the usage record of ${daysInWords(own)}: ${doubt}` })
  );
}

/** What the records say of the state of the source. What the counts say, is concluded from the counts. */
function ownFindings(parts: readonly RecordedPart[]): Finding[] {
  const all = new Map<RecordOrigin, RecordedPart[]>();
  for (const part of parts) {
    all.set(part.origin, [...(all.get(part.origin) ?? []), part]);
  }
  const told = [...all].flatMap(([origin, own]) =>
    origin.findings
      .filter(({ effect, note }) => effect !== 'remark' && effect !== 'lost' && note !== '')
      .flatMap((finding) => {
        const spans = (spansOf(finding) ?? [origin.span]).flatMap((span) => inside(span, own));
        return spans.length > 0 ? [{ finding, day: origin.day, spans }] : [];
      })
  );
  const groups = new Map<string, typeof told>();
  for (const one of told) {
    // Notes of several days differ in their numbers and times.
    const key = `${one.finding.effect} ${one.finding.note.replace(/[0-9]+/g, '#')}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((group): Finding => {
    const [{ finding, day } = told[0] as (typeof told)[number]] = group;
    const days = new Set(group.map((one) => one.day)).size;
    const more = days > 1 ? `; the same on ${amountOf(days - 1, 'other recorded day')}` : '';
    const note = `by the usage record of ${day}: ${finding.note}${more}`;
    const spans = unionOf(group.flatMap((one) => one.spans));
    return finding.effect === 'uncovered'
      ? { effect: 'uncovered', kind: finding.kind, spans, note }
      : { effect: 'doubt', spans, note };
  });
}

function inside(span: Span, parts: readonly Span[]): Span[] {
  return parts
    .map(({ start, end }) => ({ start: Math.max(start, span.start), end: Math.min(end, span.end) }))
    .filter(({ start, end }) => start < end);
}

function byText<T>(items: readonly T[], textsOf: (item: T) => string[]): Array<[string, T[]]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    for (const text of textsOf(item)) {
      groups.set(text, [...(groups.get(text) ?? []), item]);
    }
  }
  return [...groups];
}

function daysInWords(parts: readonly RecordedPart[]): string {
  const days = [...new Set(parts.map(({ origin }) => origin.day))].sort();
  const [first = '', last = ''] = [days[0], days[days.length - 1]];
  return days.length === 1 ? first : `${amountOf(days.length, 'day')} from ${first} to ${last}`;
}

const recorded: Rule<RecordSubject> = {
  name: 'usage-records',
  judge: ({ view }) => findingsOfParts(recordedParts(view.cells), view.span),
};

/** Users of records that do not name them, beside others. */
const unnamedUsers: Rule<RecordSubject> = {
  name: 'unnamed-users',
  judge({ view }) {
    if (usersAreKnownIn(view, view.span)) {
      return [];
    }
    const parts = recordedParts(view.cells).filter(({ origin }) => origin.users?.mode !== 'plain');
    const days: readonly Day[] = [...new Set(parts.map(({ origin }) => origin.day))];
    const note =
      `users are not known: the usage records of ${amountOf(days.length, 'day')} do not name them in the same way as other days, ` +
      'so figures about users are left empty in every range or period that contains these days';
    return about({ effect: 'doubt', spans: [view.span], note });
  },
};

/** Records whose days were read from log lines. More lines came late; of fewer, some were lost, or somebody wrote the record. */
const disputed: Rule<RecordSubject> = {
  name: 'disputed-records',
  judge: ({ view, disputes = [] }) =>
    disputes.flatMap(({ day, recordedAt, recordedLines, lines }) => {
      const spans = clip([day], view.span);
      const note =
        `the usage record of ${dayAt(day.start)}, written at ${recordedAt}, counted ${amountOf(recordedLines, 'log line')}, but Loki holds ${inGroups(lines)} now: ` +
        'the day was read from the log';
      return lines > recordedLines
        ? [{ effect: 'remark', note: `${note}; the next run of oscar-usage record corrects it` }]
        : about({ effect: 'doubt', spans, note: `${note}; lines were lost, or the record is wrong` });
    }),
};

export const recordRules: ReadonlyArray<Rule<RecordSubject>> = [recorded, unnamedUsers, disputed];

const unnamed = new WeakMap<readonly Cell[], boolean>();

/** True where the users of a span of a view can be told apart. */
export function usersAreKnownIn({ cells }: Pick<LedgerView, 'cells'>, span: Span): boolean {
  const hasUnnamed =
    unnamed.get(cells) ?? recordedParts(cells).some(({ origin }) => (origin.users?.mode ?? 'plain') !== 'plain');
  unnamed.set(cells, hasUnnamed);
  return !hasUnnamed || usersAreKnown(cells.filter(({ start, end }) => start < span.end && end > span.start));
}

/** True where the users of some counts can be told apart: all of them are named in the same way. */
function usersAreKnown(cells: readonly Cell[]): boolean {
  const kinds = new Set<string>();
  for (const { ids, origin } of cells) {
    if (ids.length > 0) {
      kinds.add(kindOf(origin instanceof RecordOrigin ? origin.users : undefined));
    }
  }
  return kinds.size <= 1 && !kinds.has('none');
}

function kindOf(users: RecordedUsers = { mode: 'plain' }): string {
  return users.mode === 'hashed' ? `hashed ${users.key}` : users.mode;
}
