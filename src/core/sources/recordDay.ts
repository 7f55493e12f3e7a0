import { catchError, defer, forkJoin, last, map, type Observable, of, switchMap } from 'rxjs';

import { type SourceState } from '../completeness/model';
import { membershipIn } from '../domain/membership';
import { type SourceName } from '../domain/sources';
import { type Span } from '../domain/span';
import { exposedFamily, type LineFamily, requestFamily } from '../expr/logql';
import { countsOf } from '../records/countsOf';
import {
  type CountFamily,
  type Day,
  type DayRecord,
  isCountFamily,
  quarterOf,
  quartersInDay,
  type RecordFamily,
  spanOfDay,
} from '../records/dayRecord';
import { findingsOf } from '../records/findingsOf';
import { hoursOf } from '../records/hoursOf';
import { countLines } from '../records/lineCheck';
import { patternVersions, shapingSettings } from '../records/patterns';
import { type UsersToRecord } from '../records/users';
import { lineOptionsOf, type Settings } from '../settings';
import { gather } from './gather';
import { Round } from './rounds';
import { type Gathered, type Needs } from './source';
import { type Upstreams } from './upstreams';

export interface DayToRecord {
  /** One that is over. */
  day: Day;
  families: readonly RecordFamily[];
  users: UsersToRecord;
  settings: Settings;
  /** ms since the epoch. */
  now: number;
}

/** What is to be recorded of a day of one family. */
export interface Countable {
  family: RecordFamily;
  /** Absent where nothing is known, or nothing is asked for. */
  record?: DayRecord;
  /** What is known of the source. */
  state: SourceState;
  /** True when the source gave no answer at all; without a record and without a failure there is nothing to record. */
  failed: boolean;
}

/** Sources of the families. */
const recordedSources: Readonly<Record<RecordFamily, SourceName>> = {
  requests: 'request-logs',
  exposed: 'exposed-request-logs',
  cpu: 'usage-cpu',
  gpu: 'usage-gpu',
};

/**
 * Counts a UTC day anew by quarter hour, past the caches of the engines, for its record or to be compared with it. Emits once, in the
 * order of the families. Never errors but for a day that is none: what went wrong is in the states.
 */
export function recordDay(asked: DayToRecord, upstreams: Upstreams): Observable<Countable[]> {
  const { day, families, settings, now } = asked;
  const range = spanOfDay(day);
  if (!range) {
    throw new RangeError(`${day} is no day`);
  }
  const needs: Needs = {
    requests: families.includes('requests'),
    exposed: families.includes('exposed'),
    cpu: families.includes('cpu'),
    gpu: families.includes('gpu'),
    inventory: false,
    times: true,
  };
  const spans = Array.from({ length: quartersInDay }, (_, index) => quarterOf(range.start, index));
  const request = {
    needs,
    range,
    zone: 'utc',
    granularity: 'quarter' as const,
    usageGranularity: 'quarter' as const,
    spans,
    readAgain: true,
    settings,
    // Of its own: what others were shown is not read again.
    round: new Round(
      now,
      { range, readAgain: true },
      () => now,
      () => undefined
    ),
    now,
  };
  return gather(request, upstreams).pipe(
    last(),
    // After the counts, so that a line that comes in between shows.
    switchMap((gathered) =>
      linesByFamily(families, settings, range, upstreams).pipe(
        map((lines) => families.flatMap((family) => countableOf(family, asked, range, gathered, lines)))
      )
    )
  );
}

type LinesByFamily = Partial<Record<RecordFamily, number>>;

/** The lines of a day as Loki counts them, of families that have some. */
function linesByFamily(
  families: readonly RecordFamily[],
  settings: Settings,
  day: Span,
  { loki }: Upstreams
): Observable<LinesByFamily> {
  const own = families
    .filter(isCountFamily)
    .filter((family) => family !== 'exposed' || settings.exposedSelector !== '');
  const counts = own.map((family) =>
    defer(() => countLines(loki(recordedSources[family]).fresh(), lineFamilyOf(family, settings), [day])).pipe(
      map((byDay) => [family, byDay.get(day.start)] as const),
      catchError(() => of([family, undefined] as const))
    )
  );
  return counts.length === 0 ? of({}) : forkJoin(counts).pipe(map((all) => Object.fromEntries(all)));
}

/** The lines that are counted for a family. */
export function lineFamilyOf(family: CountFamily, settings: Settings): LineFamily {
  const options = lineOptionsOf(settings);
  return family === 'requests'
    ? requestFamily(settings.requestSelector, options)
    : exposedFamily(settings.exposedSelector, options);
}

function countableOf(
  family: RecordFamily,
  { settings, users }: DayToRecord,
  day: Span,
  gathered: Gathered,
  lines: LinesByFamily
): Countable[] {
  const state = gathered.states.get(recordedSources[family]);
  if (!state) {
    return [];
  }
  const failed = gathered.failed.includes(recordedSources[family]);
  const common = {
    day,
    findings: findingsOf(state, day),
    patterns: patternVersions[family],
    settings: shapingSettings(family, settings),
  };
  if (state.unconfigured || state.status === 'missing') {
    return [{ family, state, failed }];
  }
  if (isCountFamily(family)) {
    const [view, seen] =
      family === 'requests' ? [gathered.requests, gathered.requestsSeen] : [gathered.exposed, gathered.exposedSeen];
    const record =
      view &&
      countsOf({
        ...common,
        ...{ family, view, seen: seen ?? new Map(), users },
        logLines: lines[family],
        membershipOf: membershipIn(settings),
      });
    return [{ family, state, failed, record }];
  }
  const view = gathered[family];
  return [{ family, state, failed, record: view && hoursOf({ ...common, family, view }) }];
}
