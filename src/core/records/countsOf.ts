import { type Finding } from '../completeness/findings';
import { quarterHourMs } from '../domain/duration';
import { type Membership, type MembershipOf } from '../domain/membership';
import { gapsIn, type Span } from '../domain/span';
import { compareText } from '../domain/text';
import { type Dimension, dimensions, type RequestKey } from '../requests/keyTable';
import { type LedgerView } from '../requests/ledger';
import { type SeenView } from '../requests/seenTimes';
import {
  type CountFamily,
  type DayCounts,
  keyOrder,
  type LineKind,
  lineKinds,
  lostQuarters,
  quarterOf,
  quartersInDay,
} from './dayRecord';
import { unread } from './findingsOf';
import { recordedUser, usersOf, type UsersToRecord } from './users';

export interface CountsToRecord {
  family: CountFamily;
  day: Span;
  /** Of the day, in cells that cross no quarter hour of UTC. */
  view: LedgerView;
  /** First and last use, by the quarter hours of the day. */
  seen: SeenView['bySpan'];
  findings: readonly Finding[];
  patterns: number;
  settings: Readonly<Record<string, string>>;
  /** As of the record. */
  logLines?: number;
  users: UsersToRecord;
  membershipOf: MembershipOf;
}

/** A key of the record: names by dimension. */
interface RecordedKey {
  names: Readonly<Record<Dimension, string>>;
  membership?: Membership;
}

/** What a day's counts are recorded as. Throws a `RangeError` for a cell that crosses a quarter hour. */
export function countsOf(given: CountsToRecord): DayCounts {
  const { family, day, view, patterns, settings, users, logLines } = given;
  const findings = withUnread(given);
  const lost = lostQuarters(day, findings);
  const lines = Object.fromEntries(lineKinds.map((kind) => [kind, new Uint32Array(quartersInDay)])) as Record<
    LineKind,
    Uint32Array
  >;
  const byQuarter = Array.from({ length: quartersInDay }, () => new Map<string, number>());
  const keyByText = new Map<string, RecordedKey>();
  const textById = new Map<number, string>();
  const authsOf = users.mode === 'none' ? authsIn(view) : () => [];
  const textOf = (id: number) => {
    let text = textById.get(id);
    if (text === undefined) {
      const key = recordedKey(view.table.keyOf(id), given, authsOf);
      text = JSON.stringify([...keyOrder.map((dimension) => key.names[dimension]), key.membership]);
      textById.set(id, text);
      keyByText.set(text, key);
    }
    return text;
  };
  for (const cell of view.cells) {
    const quarter = Math.floor((cell.start - day.start) / quarterHourMs);
    const own = byQuarter[quarter];
    if (!own || cell.end > quarterOf(day.start, quarter).end) {
      throw new RangeError('a cell crosses a quarter hour, or the end of the day');
    }
    if (lost[quarter]) {
      continue;
    }
    cell.ids.forEach((id, index) => {
      const text = textOf(id);
      own.set(text, (own.get(text) ?? 0) + (cell.counts[index] as number));
    });
    lineKinds.forEach((kind) => (lines[kind][quarter] = (lines[kind][quarter] as number) + (cell[kind] ?? 0)));
  }
  const { numberByText, ...columns } = columnsOf(keyByText, users.mode !== 'plain');
  const rows = rowsOf(byQuarter, numberByText);
  const times = timesOf(given, columns, rows);
  const counted = logLines === undefined ? {} : { logLines };
  return { family, patterns, settings, findings, users: usersOf(users), ...columns, rows, ...counted, lines, times };
}

/** The findings, and one more for what no cell covers though none of them says so. */
function withUnread({ day, view, findings }: CountsToRecord): readonly Finding[] {
  const lost = findings.flatMap((finding) => (finding.effect === 'lost' ? finding.spans : []));
  const uncovered = gapsIn(day, [...view.cells, ...lost]);
  return uncovered.length > 0 ? [...findings, unread(uncovered, '')] : findings;
}

function recordedKey(
  { user, ...key }: RequestKey,
  { users, membershipOf, family }: CountsToRecord,
  authsOf: (user: string) => Iterable<string>
): RecordedKey {
  // Exposed requests have no users.
  const { name, membership } =
    family === 'exposed'
      ? recordedUser('', users, () => 'unknown')
      : recordedUser(user, users, membershipOf, authsOf(user));
  return { names: { ...key, ...(users.mode === 'none' && { auth: '' }), user: name }, membership };
}

/** The ways of authentication of each user. */
function authsIn({ cells, table }: LedgerView): (user: string) => Iterable<string> {
  const byUser = new Map<string, Set<string>>();
  for (const id of new Set(cells.flatMap(({ ids }) => [...ids]))) {
    const { user, auth } = table.keyOf(id);
    byUser.set(user, (byUser.get(user) ?? new Set()).add(auth));
  }
  return (user) => byUser.get(user) ?? [];
}

type Columns = Pick<DayCounts, 'names' | 'memberships' | 'keys'>;

/** Names, and keys in their order. */
function columnsOf(
  keyByText: ReadonlyMap<string, RecordedKey>,
  keepsMemberships: boolean
): Columns & { numberByText: Map<string, number> } {
  const all = [...keyByText].map(([text, key]) => ({ text, key }));
  const userText = ({ names, membership = 'member' }: RecordedKey) => `${names.user}\u0000${membership}`;
  const userOf = new Map(all.map(({ key }) => [userText(key), key]));
  const users = [...userOf.values()].sort(
    (a, b) => compareText(a.names.user, b.names.user) || compareText(a.membership ?? '', b.membership ?? '')
  );
  const distinct = (dimension: Dimension) => [...new Set(all.map(({ key }) => key.names[dimension]))].sort(compareText);
  const names = Object.fromEntries(
    dimensions.map((dimension) => [
      dimension,
      dimension === 'user' ? users.map((key) => key.names.user) : distinct(dimension),
    ])
  ) as Record<Dimension, string[]>;
  const numberOf = Object.fromEntries(
    dimensions.map((dimension) => [dimension, new Map(names[dimension].map((name, number) => [name, number]))])
  ) as Record<Dimension, Map<string, number>>;
  const numberOfUser = new Map(users.map((key, number) => [userText(key), number]));
  const numbered = all.map(({ text, key }) => ({
    text,
    numbers: keyOrder.map(
      (dimension) =>
        (dimension === 'user' ? numberOfUser.get(userText(key)) : numberOf[dimension].get(key.names[dimension])) ?? 0
    ),
  }));
  numbered.sort((a, b) => compareNumbers(a.numbers, b.numbers));
  const keys = Object.fromEntries(
    keyOrder.map((dimension, index) => [
      dimension,
      Uint32Array.from(numbered, ({ numbers }) => numbers[index] as number),
    ])
  ) as DayCounts['keys'];
  const memberships = users.flatMap(({ membership }) => (membership ? [membership] : []));
  return {
    names,
    ...(keepsMemberships && { memberships }),
    keys,
    numberByText: new Map(numbered.map(({ text }, number) => [text, number])),
  };
}

function compareNumbers(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((number, at) => number !== b[at]);
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number);
}

function rowsOf(
  byQuarter: ReadonlyArray<ReadonlyMap<string, number>>,
  numberByText: ReadonlyMap<string, number>
): DayCounts['rows'] {
  const sorted = byQuarter.map((own) =>
    [...own].map(([text, count]) => [numberByText.get(text) ?? 0, count] as const).sort(([a], [b]) => a - b)
  );
  const all = sorted.flat();
  return {
    ends: endsOf(sorted),
    keys: Uint32Array.from(all, ([key]) => key),
    counts: Uint32Array.from(all, ([, count]) => count),
  };
}

/** Where each of some lists ends, one after the other. */
export function endsOf(lists: ReadonlyArray<{ length: number }>): Uint32Array {
  let end = 0;
  return Uint32Array.from(lists, ({ length }) => (end += length));
}

function timesOf({ day, seen }: CountsToRecord, { names, keys }: Columns, rows: DayCounts['rows']): DayCounts['times'] {
  const seenByStart = new Map(Array.from(seen, ([span, own]) => [span.start, own]));
  const sorted = Array.from(rows.ends, (end, quarter) => {
    const { start, end: quarterEnd } = quarterOf(day.start, quarter);
    const own = rows.keys.subarray(rows.ends[quarter - 1] ?? 0, end);
    const services = [...new Set(Array.from(own, (key) => keys.service[key] as number))].sort((a, b) => a - b);
    const times = seenByStart.get(start);
    return services.flatMap((service) => {
      const { first = NaN, last = NaN } = times?.get(names.service[service] ?? '') ?? {};
      const isKnown = first >= start && first <= last && last < quarterEnd;
      return isKnown ? [{ service, first: first - start, last: last - start }] : [];
    });
  });
  const all = sorted.flat();
  return {
    ends: endsOf(sorted),
    services: Uint32Array.from(all, ({ service }) => service),
    first: Uint32Array.from(all, ({ first }) => first),
    last: Uint32Array.from(all, ({ last }) => last),
  };
}
