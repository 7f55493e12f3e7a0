import { type Finding } from '../completeness/findings';
import { dayMs, quarterHourMs } from '../domain/duration';
import { type Membership } from '../domain/membership';
import { type Span } from '../domain/span';
import { type Dimension } from '../requests/keyTable';

/** What is recorded of a day, in a document of its own each (specs/decisions/0022). */
export const recordFamilies = ['requests', 'exposed', 'cpu', 'gpu'] as const;
export type RecordFamily = (typeof recordFamilies)[number];
export type CountFamily = Extract<RecordFamily, 'requests' | 'exposed'>;
export type HoursFamily = Exclude<RecordFamily, CountFamily>;

export function isCountFamily(family: RecordFamily): family is CountFamily {
  return family === 'requests' || family === 'exposed';
}

/** Days of every time zone that is in use begin at one of these of UTC. */
export const quartersInDay = dayMs / quarterHourMs;

/** A day of UTC, such as `2026-10-05`. */
export type Day = string;

/** The day of UTC that a time (ms since the epoch) lies in. */
export function dayAt(time: number): Day {
  return new Date(time).toISOString().slice(0, 10);
}

/** A day as a span; undefined for a text that is no day. */
export function spanOfDay(day: Day): Span | undefined {
  const start = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : NaN;
  return Number.isNaN(start) || dayAt(start) !== day ? undefined : { start, end: start + dayMs };
}

/** Quarter hour number `index` of a day that begins at `start`, in ms since the epoch. */
export function quarterOf(start: number, index: number): Span {
  return { start: start + index * quarterHourMs, end: start + (index + 1) * quarterHourMs };
}

/** Whose users a record names. */
export type RecordedUsers =
  /** As they were logged. */
  | { mode: 'plain' }
  /** By a keyed digest, which only those with the key can make of a name; `key` tells one key from another, and no more. */
  | { mode: 'hashed'; key: string }
  /** Not at all: only their membership is kept. */
  | { mode: 'none' };

/** What is recorded, whatever the family. */
interface Recorded {
  /** Version of the patterns or of the method by which was counted (`patterns.ts`). */
  patterns: number;
  /** The options that shape the counts, by their names. */
  settings: Readonly<Record<string, string>>;
  /** What was known of the source when it was recorded; its spans lie in the day. */
  findings: readonly Finding[];
}

/** Requests of a day, by quarter hour and key. All columns are of equal length where they are about the same. */
export interface DayCounts extends Recorded {
  family: CountFamily;
  users: RecordedUsers;
  /** Names of each dimension, ascending; a name of a user may be there once for each membership. */
  names: Readonly<Record<Dimension, readonly string[]>>;
  /** Membership of each user by rules and roster, without ways of authentication; absent where users are plain. */
  memberships?: readonly Membership[];
  /** Number of the name, by key. Keys are ascending in the order of `keyOrder`. */
  keys: Readonly<Record<Dimension, Uint32Array>>;
  rows: {
    /** The rows of quarter q are `ends[q - 1]` (0 for the first) to `ends[q]`. */
    ends: Uint32Array;
    /** Numbers of keys, ascending in each quarter. */
    keys: Uint32Array;
    /** Requests, one at least. */
    counts: Uint32Array;
  };
  /** Lines of the day that Loki counted for the family when it was recorded, understood or not; absent where it did not. */
  logLines?: number;
  /** Lines by quarter hour that are no known request, as of `Cell`. */
  lines: Readonly<Record<LineKind, Uint32Array>>;
  /** First and last use by quarter hour and service. */
  times: {
    ends: Uint32Array;
    /** Numbers of names of services, ascending in each quarter. */
    services: Uint32Array;
    /** ms after the start of the quarter. */
    first: Uint32Array;
    last: Uint32Array;
  };
}

export const lineKinds = ['unparsed', 'unread', 'cut'] as const;
export type LineKind = (typeof lineKinds)[number];

/** By which dimensions keys are sorted, the first one first: what a user does is alike, so that this is the shortest. */
export const keyOrder: readonly Dimension[] = ['user', 'service', 'type', 'country', 'auth', 'outcome'];

/** Hours of a day by quarter hour and service. */
export interface DayHours extends Recorded {
  family: HoursFamily;
  services: readonly string[];
  /** Those that are reported, and of GPUs both kinds, where both are known of the whole day. */
  tables: { hours: HoursTable; active?: HoursTable; allocated?: HoursTable };
}

export interface HoursTable {
  /** As of the rows of counts. */
  ends: Uint32Array;
  /** Numbers of services, ascending in each quarter. */
  services: Uint32Array;
  /** Billionths of an hour. */
  nanoHours: Float64Array;
}

export const nanoHoursInHour = 1e9;

export type DayRecord = DayCounts | DayHours;

export function isCounts(record: DayRecord): record is DayCounts {
  return isCountFamily(record.family);
}

/** Quarter hours of a day of which nothing is known, by the findings; their rows are left out. */
export function lostQuarters({ start, end }: Span, findings: readonly Finding[]): boolean[] {
  const lost = findings.flatMap((finding) => (finding.effect === 'lost' ? finding.spans : []));
  return Array.from({ length: Math.round((end - start) / quarterHourMs) }, (_, index) => {
    const quarter = quarterOf(start, index);
    return lost.some((span) => span.start < quarter.end && span.end > quarter.start);
  });
}

/** True when nothing is wrong with a day. */
export function isComplete({ findings }: DayRecord): boolean {
  return findings.every(({ effect }) => effect === 'remark');
}
