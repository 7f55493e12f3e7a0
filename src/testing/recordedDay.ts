import fc from 'fast-check';

import { type Finding } from '../core/completeness/findings';
import { dayMs, quarterHourMs } from '../core/domain/duration';
import { membershipClassifier } from '../core/domain/membership';
import { type Span } from '../core/domain/span';
import { countsOf } from '../core/records/countsOf';
import { type DayCounts, quarterOf, quartersInDay } from '../core/records/dayRecord';
import { type UsersToRecord } from '../core/records/users';
import { type Cell } from '../core/requests/cell';
import { KeyTable, type RequestKey } from '../core/requests/keyTable';
import { type LedgerView } from '../core/requests/ledger';
import { type Seen } from '../core/requests/seenTimes';

export const day = '2026-10-25';
export const daySpan: Span = { start: Date.parse(`${day}T00:00:00Z`), end: Date.parse(`${day}T00:00:00Z`) + dayMs };

/** A request and when it was, in ms after the start of the day. */
export interface TimedRequest {
  at: number;
  key: RequestKey;
}

const membershipOf = membershipClassifier([], undefined);

const served = fc.record<RequestKey>({
  type: fc.constantFrom('sync', 'async'),
  service: fc.constantFrom('yolo', 'cowsay', 'a', '(invalid)'),
  user: fc.constantFrom(
    'nil',
    'oscar',
    '0123456789abcdef@egi.eu',
    'someone',
    '(none)',
    '"|\\\n',
    '\u{1F600}',
    '\ud800'
  ),
  country: fc.constantFrom('ES', 'US', 'unknown'),
  auth: fc.constantFrom('', 'oidc', 'service_token'),
  outcome: fc.constantFrom('succeeded', 'failed'),
});

const rejected = fc.record<RequestKey>({
  type: fc.constant(''),
  service: fc.constant(''),
  user: fc.constant(''),
  country: fc.constantFrom('ES', 'unknown'),
  auth: fc.constant(''),
  outcome: fc.constant('rejected'),
});

/** Requests of a day; often at the very edge of a quarter hour. */
export const timedRequests: fc.Arbitrary<TimedRequest[]> = fc.array(
  fc.record({
    at: fc.oneof(
      fc.integer({ min: 0, max: dayMs - 1 }),
      fc.integer({ min: 1, max: quartersInDay }).map((quarter) => quarter * quarterHourMs - 1),
      fc.integer({ min: 0, max: quartersInDay - 1 }).map((quarter) => quarter * quarterHourMs)
    ),
    key: fc.oneof({ weight: 5, arbitrary: served }, { weight: 1, arbitrary: rejected }),
  }),
  { maxLength: 60 }
);

/** The counts of requests by quarter hour, as a ledger has them, and when services were first and last called. */
export function viewOf(requests: readonly TimedRequest[]): { view: LedgerView; seen: Map<Span, Map<string, Seen>> } {
  const table = new KeyTable(() => undefined, '');
  const seen = new Map<Span, Map<string, Seen>>();
  const cells = Array.from({ length: quartersInDay }, (_, index): Cell => {
    const span = quarterOf(daySpan.start, index);
    const countById = new Map<number, number>();
    const times = new Map<string, Required<Seen>>();
    for (const { at, key } of requests) {
      const time = daySpan.start + at;
      if (time >= span.start && time < span.end) {
        const id = table.intern(key);
        countById.set(id, (countById.get(id) ?? 0) + 1);
        const known = times.get(key.service) ?? { first: time, last: time };
        times.set(key.service, { first: Math.min(known.first, time), last: Math.max(known.last, time) });
      }
    }
    times.delete('');
    times.delete('(invalid)');
    seen.set(span, times);
    const ids = Uint32Array.from(countById.keys()).sort();
    const unread = index % 50 === 7 ? { unread: 2 } : {};
    return {
      ...span,
      ids,
      counts: ids.map((id) => countById.get(id) ?? 0),
      unparsed: index % 40 === 3 ? index : 0,
      ...unread,
    };
  });
  return { view: { span: daySpan, cells, missing: [], table }, seen };
}

/** The record of requests. */
export function recordOf(
  requests: readonly TimedRequest[],
  users: UsersToRecord = { mode: 'plain' },
  findings: readonly Finding[] = []
): DayCounts {
  return countsOf({
    ...viewOf(requests),
    family: 'requests',
    day: daySpan,
    findings,
    patterns: 1,
    settings: { requestSelector: '{app="oscar"}', servicesNamespace: 'oscar-svc', rejectedRequests: 'separate' },
    users,
    membershipOf,
  });
}
