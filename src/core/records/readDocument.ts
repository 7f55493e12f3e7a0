import { type Finding, type GapKind } from '../completeness/findings';
import { quarterHourMs } from '../domain/duration';
import { memberships as membershipNames } from '../domain/membership';
import { isServiceName, invalidService, unattributedService } from '../domain/serviceName';
import { type Span } from '../domain/span';
import { maxUserCharacters } from '../domain/users';
import { tooManyNames } from '../requests/dictionary';
import { type Dimension, dimensions } from '../requests/keyTable';
import {
  type CountFamily,
  type Day,
  type DayCounts,
  type DayHours,
  type DayRecord,
  type HoursFamily,
  type HoursTable,
  isCountFamily,
  keyOrder,
  lineKinds,
  lostQuarters,
  quartersInDay,
  type RecordedUsers,
  type RecordFamily,
  spanOfDay,
} from './dayRecord';
import { sumOf } from './document';
import {
  ascendingIn,
  columnIn,
  endsIn,
  listIn,
  namesIn,
  objectIn,
  oneOf,
  requireThat,
  textIn,
  wholeIn,
} from './untrusted';

/** More than a day of the largest cluster has; what is read takes memory before it is known to be good. */
const most = {
  keys: 4_000_000,
  rows: 8_000_000,
  names: 1_000_000,
  findings: 1000,
  spans: 1000,
  note: 4000,
  setting: 20_000,
} as const;

const mostCount = 0xffff_ffff;

const mostLines = 1e12;

/** A day has so many billionths of hours for each of a million processors. */
const mostNanoHours = 24e9 * 1e5;

const common = ['family', 'patterns', 'settings', 'findings'] as const;

/** Reads a document (untrusted text) that is said to be about a family and a day. Throws a `Refusal` that says what is wrong. */
export function readDocument(text: string, family: RecordFamily, day: Day): DayRecord {
  const span = spanOfDay(day);
  requireThat(span !== undefined, 'the day is none');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    requireThat(false, 'the document is no JSON');
  }
  return isCountFamily(family) ? readCounts(document, family, span) : readHours(document, family, span);
}

function readCommon(
  { family, patterns, settings, findings }: Record<(typeof common)[number], unknown>,
  expected: RecordFamily,
  span: Span
) {
  requireThat(family === expected, 'the document is about another family than its lines');
  requireThat(typeof settings === 'object' && settings !== null && !Array.isArray(settings), 'settings is no object');
  const entries = Object.entries(settings);
  requireThat(entries.length <= 20, 'there are too many settings');
  const texts = entries.map(([name, value]) => [name, textIn(value, most.setting, 'a setting')] as const);
  return {
    patterns: wholeIn(patterns, 1e6, 'the version of the patterns'),
    settings: Object.fromEntries(texts),
    findings: listIn(findings, most.findings, 'findings').map((one) => findingIn(one, span)),
  };
}

const gapKinds: readonly GapKind[] = ['unread', 'expired', 'not-begun', 'silent', 'declared'];
const effects = ['lost', 'uncovered', 'doubt', 'unusable', 'remark'] as const;

function findingIn(value: unknown, day: Span): Finding {
  const { effect, note, brief, kind, spans } = objectIn(
    value,
    ['effect', 'note', 'brief?', 'kind?', 'spans?'],
    'a finding'
  );
  const own = oneOf(effect, effects, 'the effect of a finding');
  const texts = {
    note: textIn(note, most.note, 'a note'),
    ...(brief !== undefined && { brief: textIn(brief, most.note, 'the short form of a note') }),
  };
  const spansOf = () =>
    listIn(spans, most.spans, 'the spans of a finding').map((one) => {
      const { start, end } = objectIn(one, ['start', 'end'], 'a span');
      const span = { start: wholeIn(start, day.end, 'a time'), end: wholeIn(end, day.end, 'a time') };
      requireThat(span.start >= day.start && span.start < span.end, 'a span is not part of the day');
      return span;
    });
  if (own === 'lost' || own === 'uncovered') {
    return { effect: own, ...texts, kind: oneOf(kind, gapKinds, 'the kind of a gap'), spans: spansOf() };
  }
  requireThat(kind === undefined, 'a finding has a kind that it should not have');
  if (own === 'doubt' && spans !== undefined) {
    return { effect: own, ...texts, spans: spansOf() };
  }
  requireThat(spans === undefined, 'a finding has spans that it should not have');
  return { effect: own, ...texts };
}

const isService = (name: string) =>
  name === '' || name === invalidService || name === tooManyNames || isServiceName(name);

const isNameOf: Readonly<Record<Dimension, (name: string) => boolean>> = {
  type: (name) => ['', 'sync', 'async', 'exposed'].includes(name),
  service: isService,
  user: (name) => name.length <= maxUserCharacters * 2,
  country: (name) => name === 'unknown' || /^[A-Z]{2}$/.test(name),
  auth: (name) => name.length <= 4096,
  outcome: (name) => ['succeeded', 'failed', 'rejected'].includes(name),
};

function readCounts(document: unknown, family: CountFamily, span: Span): DayCounts {
  const parts = objectIn(
    document,
    [...common, 'users', 'totals', 'names', 'memberships?', 'keys', 'rows', 'logLines?', 'lines', 'times'],
    'the document'
  );
  const shared = readCommon(parts, family, span);
  const users = usersIn(parts.users);
  const totals = objectIn(parts.totals, ['requests', 'keys', 'rows', ...lineKinds], 'totals');
  const namesOf = objectIn(parts.names, dimensions, 'names');
  const names = byDimension((dimension) =>
    namesIn(namesOf[dimension], most.names, isNameOf[dimension], `the names of ${dimension}`)
  );
  const memberships = membershipsIn(parts.memberships, users, names.user);
  requireDistinct(names, memberships);
  const keys = keysIn(parts.keys, names, wholeIn(totals.keys, most.keys, 'the number of keys'));
  const lost = lostQuarters(span, shared.findings);
  const rows = rowsIn(parts.rows, keys.user.length);
  requireThat(rows.keys.length === totals.rows, 'the rows are not as many as stated');
  requireThat(sumOf(rows.counts) === totals.requests, 'the requests do not add up to their total');
  requireNothingLost(lost, rows.ends);
  requireAllUsed(rows.keys, keys.user.length, 'a key has no request');
  const linesOf = objectIn(parts.lines, lineKinds, 'lines');
  const lines = Object.fromEntries(
    lineKinds.map((kind) => {
      const numbers = linesIn(linesOf[kind], kind, lost);
      requireThat(sumOf(numbers) === totals[kind], `the ${kind} lines do not add up to their total`);
      return [kind, numbers];
    })
  ) as DayCounts['lines'];
  const times = timesIn(parts.times, names.service, rows, keys.service);
  const logLines =
    parts.logLines === undefined ? {} : { logLines: wholeIn(parts.logLines, mostLines, 'the log lines') };
  return {
    family,
    ...shared,
    users,
    names,
    ...(memberships && { memberships }),
    keys,
    rows,
    ...logLines,
    lines,
    times,
  };
}

function usersIn(value: unknown): RecordedUsers {
  const { mode, key } = objectIn(value, ['mode', 'key?'], 'users');
  const known = oneOf(mode, ['plain', 'hashed', 'none'], 'the mode of users');
  if (known === 'hashed') {
    return { mode: known, key: textIn(key, 64, 'the key of users') };
  }
  requireThat(key === undefined, 'only hashed users have a key');
  return { mode: known };
}

function membershipsIn(value: unknown, { mode }: RecordedUsers, users: readonly string[]): DayCounts['memberships'] {
  if (mode === 'plain') {
    requireThat(value === undefined, 'plain users have no recorded membership');
    return undefined;
  }
  const memberships = listIn(value, most.names, 'memberships');
  requireThat(memberships.length === users.length, 'not every user has a membership');
  requireThat(mode !== 'none' || users.every((user) => user === ''), 'users are named that should not be');
  return memberships.map((one) => oneOf(one, membershipNames, 'a membership'));
}

/** Names are ascending and different; those of users with their membership. */
function requireDistinct(names: DayCounts['names'], memberships: DayCounts['memberships']): void {
  for (const dimension of dimensions) {
    const own = names[dimension];
    const isAfter = (index: number) => {
      const [before, name] = [own[index - 1] as string, own[index] as string];
      const second = dimension === 'user' && before === name && memberships;
      return before < name || (second && (second[index - 1] as string) < (second[index] as string));
    };
    requireThat(
      own.every((_, index) => index === 0 || isAfter(index)),
      `the names of ${dimension} are not ascending`
    );
  }
}

function keysIn(value: unknown, names: DayCounts['names'], length: number): DayCounts['keys'] {
  const columns = objectIn(value, dimensions, 'keys');
  const keys = byDimension((dimension) => {
    const last = names[dimension].length - 1;
    const numbers = columnIn(columns[dimension], length, [0, last], `the keys' numbers of ${dimension}`);
    return Uint32Array.from(numbers);
  });
  let user = 0;
  keys.user.forEach((difference, index) => {
    user += difference;
    requireThat(user < names.user.length, 'a key names a user that is not there');
    keys.user[index] = user;
  });
  const columnsInOrder = keyOrder.map((dimension) => keys[dimension]);
  for (let index = 1; index < length; index += 1) {
    const differing = columnsInOrder.find((column) => column[index] !== column[index - 1]);
    requireThat(
      differing !== undefined && (differing[index] as number) > (differing[index - 1] as number),
      'the keys are not ascending'
    );
  }
  for (const dimension of dimensions) {
    requireAllUsed(keys[dimension], names[dimension].length, `a name of ${dimension} has no key`);
  }
  return keys;
}

function requireAllUsed(numbers: Uint32Array, length: number, otherwise: string): void {
  const isUsed = new Uint8Array(length);
  numbers.forEach((number) => (isUsed[number] = 1));
  requireThat(!isUsed.includes(0), otherwise);
}

function rowsIn(value: unknown, keys: number): DayCounts['rows'] {
  const columns = objectIn(value, ['lengths', 'keys', 'counts'], 'rows');
  const ends = endsIn(columns.lengths, quartersInDay, most.rows, 'the lengths of quarters');
  const numbers = ascendingIn(columns.keys, ends, keys, 'the keys of rows');
  return {
    ends,
    keys: numbers,
    counts: Uint32Array.from(columnIn(columns.counts, numbers.length, [1, mostCount], 'counts')),
  };
}

function requireNothingLost(lost: readonly boolean[], ends: Uint32Array): void {
  const isEmpty = lost.every((isLost, index) => !isLost || ends[index] === (ends[index - 1] ?? 0));
  requireThat(isEmpty, 'there are counts of a quarter hour of which nothing is known');
}

function linesIn(value: unknown, kind: string, lost: readonly boolean[]): Uint32Array {
  const pairs = listIn(value, 2 * quartersInDay, `the ${kind} lines`);
  const numbers = new Uint32Array(quartersInDay);
  let before = -1;
  for (let at = 0; at < pairs.length; at += 2) {
    const quarter = wholeIn(pairs[at], quartersInDay - 1, 'a quarter');
    const count = wholeIn(pairs[at + 1], mostCount, `a number of ${kind} lines`);
    requireThat(quarter > before && count > 0 && !lost[quarter], `the ${kind} lines are not by quarter hour`);
    numbers[quarter] = count;
    before = quarter;
  }
  return numbers;
}

function timesIn(
  value: unknown,
  services: readonly string[],
  rows: DayCounts['rows'],
  serviceOfKey: Uint32Array
): DayCounts['times'] {
  const columns = objectIn(value, ['lengths', 'services', 'first', 'lasted'], 'times');
  const ends = endsIn(columns.lengths, quartersInDay, most.rows, 'the lengths of times');
  const numbers = ascendingIn(columns.services, ends, services.length, 'the services of times');
  const range: [number, number] = [0, quarterHourMs - 1];
  const first = Uint32Array.from(columnIn(columns.first, numbers.length, range, 'times of first use'));
  const lasted = columnIn(columns.lasted, numbers.length, range, 'times of last use');
  const last = Uint32Array.from(lasted, (length, index) => length + (first[index] as number));
  requireThat(
    last.every((time) => time < quarterHourMs),
    'a time of last use is not in its quarter hour'
  );
  for (let quarter = 0; quarter < quartersInDay; quarter += 1) {
    const [rowsFrom, from] = [rows.ends[quarter - 1] ?? 0, ends[quarter - 1] ?? 0];
    const used = new Set(Array.from(rows.keys.subarray(rowsFrom, rows.ends[quarter]), (key) => serviceOfKey[key]));
    const own = numbers.subarray(from, ends[quarter]);
    requireThat(
      own.every((service) => used.has(service)),
      'a service has times, but no requests'
    );
  }
  return { ends, services: numbers, first, last };
}

function byDimension<T>(make: (dimension: Dimension) => T): Record<Dimension, T> {
  return Object.fromEntries(dimensions.map((dimension) => [dimension, make(dimension)])) as Record<Dimension, T>;
}

function readHours(document: unknown, family: HoursFamily, span: Span): DayHours {
  const parts = objectIn(document, [...common, 'services', 'tables'], 'the document');
  const shared = readCommon(parts, family, span);
  const isUser = (name: string) => name === unattributedService || isServiceName(name);
  const services = namesIn(parts.services, most.names, isUser, 'the services');
  requireThat(
    services.every((name, index) => index === 0 || (services[index - 1] as string) < name),
    'the services are not ascending'
  );
  const lost = lostQuarters(span, shared.findings);
  const written = objectIn(parts.tables, ['hours', 'active?', 'allocated?'], 'the tables');
  const read = (value: unknown) => tableIn(value, services.length, lost);
  const { active, allocated } = written;
  const hasKinds = active !== undefined;
  requireThat(hasKinds === (allocated !== undefined), 'one kind of GPU hours is there without the other one');
  requireThat(!hasKinds || family === 'gpu', 'only GPU hours are of several kinds');
  const tables = {
    hours: read(written.hours),
    ...(hasKinds && { active: read(active), allocated: read(allocated) }),
  };
  const all = Object.values(tables).flatMap((table) => [...table.services]);
  requireAllUsed(Uint32Array.from(all), services.length, 'a service has no hours');
  return { family, ...shared, services, tables };
}

function tableIn(value: unknown, services: number, lost: readonly boolean[]): HoursTable {
  const columns = objectIn(value, ['total', 'lengths', 'services', 'nanoHours'], 'a table');
  const ends = endsIn(columns.lengths, quartersInDay, most.rows, 'the lengths of quarters');
  requireNothingLost(lost, ends);
  const numbers = ascendingIn(columns.services, ends, services, 'the services of hours');
  const nanoHours = columnIn(columns.nanoHours, numbers.length, [1, mostNanoHours], 'hours');
  requireThat(sumOf(nanoHours) === columns.total, 'the hours do not add up to their total');
  return { ends, services: numbers, nanoHours };
}
