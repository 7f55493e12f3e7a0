import fc from 'fast-check';

import { hourMs } from '../core/domain/duration';
import { type Outcome } from '../core/domain/requestLine';
import { type Span } from '../core/domain/span';
import { type LogEntry } from './fakeLoki';

/** The day on which Madrid sets its clock back, and the days around it. */
export const epoch = Date.parse('2026-10-24T00:00:00Z');

/** Zones with whole, half and quarter hours, with and without daylight saving. */
export const zones = [
  'utc',
  'Europe/Madrid',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Atlantic/Azores',
  'Africa/Cairo',
] as const;

export const zone = fc.constantFrom(...zones);
const serviceName = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const userId = fc.oneof(
  fc.constantFrom('oscar', 'nil', 'minio', 'console'),
  fc.stringMatching(/^[0-9a-f]{16,24}@egi\.eu$/),
  fc.uuid()
);
export const requestType = fc.constantFrom('sync' as const, 'async' as const);

export interface LoggedRequest {
  type: 'sync' | 'async';
  service: string;
  user: string;
}

export const loggedRequest: fc.Arbitrary<LoggedRequest> = fc.record({
  type: requestType,
  service: serviceName,
  user: userId,
});

export const lineForm = fc.constantFrom('nanoseconds', 'seconds', 'gin time', 'with prefix', 'eight fields');

/** A line of the manager's executions logger in one of the forms that occur (reference: data). */
export function managerLine(
  { type, service, user }: LoggedRequest,
  form: string,
  { path, status = 201 }: { path?: string; status?: number } = {}
): string {
  const call = `POST    ${path ?? `/${type === 'sync' ? 'run' : 'job'}/${service}`}`;
  const tail = `| ${status} |   14.219292ms | 127.0.0.1 | ${call} | ${user}`;
  switch (form) {
    case 'seconds':
      return `[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z ${tail}`;
    case 'gin time':
      return `[GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 ${tail}`;
    case 'with prefix':
      return `2026-01-20T09:34:35.919996606Z stderr F [GIN-EXECUTIONS-LOGGER] 2026/01/20 - 09:34:35 ${tail}`;
    case 'eight fields':
      return `[GIN-EXECUTIONS-LOGGER] 2026-08-20T10:00:00Z ${tail} | ${service} | oscar-svc-user`;
    default:
      return `[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:53:34.120493Z ${tail}`;
  }
}

/** An entry and what it means; undefined for lines that are no request. */
export interface KnownEntry extends LogEntry {
  meaning: Meaning | undefined;
}

/** A request, or one of many that were rejected, of which nothing is known but the country. */
export interface Meaning {
  type: string;
  service: string;
  user: string;
  country: string;
  outcome: Outcome;
}

/** What a request with a status means (contract rule 1). */
export function meaningOf(request: LoggedRequest, status: number, country: string): Meaning {
  const isRejected = [401, 403, 404, 405].includes(status) || ([400, 502].includes(status) && request.user === 'oscar');
  return isRejected
    ? { type: '', service: '', user: '', country, outcome: 'rejected' }
    : { ...request, country, outcome: status >= 400 ? 'failed' : 'succeeded' };
}

const status = fc.oneof(
  { weight: 4, arbitrary: fc.constant(201) },
  { weight: 1, arbitrary: fc.constantFrom(200, 400, 401, 403, 404, 405, 409, 500, 502) }
);

/** A time in ns within some hours after `epoch`; often at the very edge of a millisecond or an hour. */
export function entryTime(hours: number): fc.Arbitrary<bigint> {
  const ms = fc.oneof(
    fc.integer({ min: 0, max: hours * hourMs }),
    fc.integer({ min: 0, max: hours }).map((hour) => hour * hourMs)
  );
  const ns = fc.constantFrom(-1, 0, 1, 999_999, 500_000);
  return fc.tuple(ms, ns).map(([at, rest]) => BigInt(epoch + at) * 1_000_000n + BigInt(rest));
}

const place = fc.constantFrom<readonly [Record<string, string>, string]>(
  [{}, 'unknown'],
  [{ geoip_country_code: 'ES' }, 'ES'],
  [{ geoip_country_code: 'us' }, 'US'],
  [{ geoip_country_code: '', geoip_country_name: 'Germany' }, 'DE']
);

const otherLines = fc.constantFrom(
  '[GIN] 2026/01/20 - 09:34:35 | 201 | 1.4s | 203.0.113.42 | POST     "/job/yolo"',
  '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 |   14.2ms | 127.0.0.1 | GET     /job/yolo | oscar',
  '[GIN-EXECUTIONS-LOGGER] 2026-05-28T16:55:12Z | 200 |   14.2ms | 127.0.0.1 | POST    /system/services | oscar',
  'GET /health'
);

/** Few services and users, so that keys repeat. */
const repeatedRequest = fc.record({
  type: requestType,
  service: fc.constantFrom('a', 'b', 'simple-test'),
  user: fc.constantFrom('oscar', 'nil', 'u1@egi.eu', 'u2@egi.eu', 'u3@egi.eu'),
});

export function entries(hours: number, maxLength = 60): fc.Arbitrary<KnownEntry[]> {
  const request = fc
    .tuple(entryTime(hours), fc.oneof(repeatedRequest, loggedRequest), lineForm, place, status)
    .map(([time, made, form, [labels, country], code]): KnownEntry => ({
      time,
      labels,
      line: managerLine(made, form, { status: code }),
      meaning: meaningOf(made, code, country),
    }));
  const other = fc
    .tuple(entryTime(hours), otherLines)
    .map(([time, line]): KnownEntry => ({ time, line, labels: {}, meaning: undefined }));
  return fc.array(fc.oneof({ weight: 6, arbitrary: request }, { weight: 1, arbitrary: other }), { maxLength });
}

/** A non-empty span within some hours after `epoch`. */
export function spanWithin(hours: number): fc.Arbitrary<Span> {
  const edge = fc.oneof(
    fc.integer({ min: 0, max: hours * hourMs }),
    fc.integer({ min: 0, max: hours }).map((hour) => hour * hourMs)
  );
  return fc
    .tuple(edge, edge)
    .filter(([a, b]) => a !== b)
    .map(([a, b]) => ({ start: epoch + Math.min(a, b), end: epoch + Math.max(a, b) }));
}

/** True when a line belongs to [start, end): to the millisecond at or after its time (contract rule 5). */
export function belongsTo(time: bigint, { start, end }: Span): boolean {
  const ms = Number((time + 999_999n) / 1_000_000n);
  return ms >= start && ms < end;
}

/** Requests of the entries by `type service user country outcome`. */
export function recount(list: readonly KnownEntry[], ...spans: Span[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { time, meaning } of list) {
    if (meaning && spans.some((span) => belongsTo(time, span))) {
      const name = nameOf(meaning);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}

export function nameOf({ type, service, user, country, outcome }: Meaning): string {
  return [type, service, user, country, outcome].join(' ');
}
