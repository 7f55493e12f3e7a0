import {
  type CoreApp,
  type DataQueryRequest,
  type DateTime,
  type RawTimeRange,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import { type DataQuery } from '@grafana/schema';

/** The range and the circumstances of a query. */
export interface QueryOptions {
  /** Inclusive start: ISO 8601 text, a Date or milliseconds since the epoch. */
  from: string | number | Date;
  /** Inclusive end, likewise. */
  to: string | number | Date;
  /** The range as the time picker has it (`{from: 'now-24h', to: 'now'}`). Default: the two instants. */
  raw?: RawTimeRange;
  /** `utc`, `browser` or an IANA zone name. Default: `utc`. */
  timezone?: string;
  scopedVars?: ScopedVars;
  /** Default: the range by `maxDataPoints`, at least 1 ms. */
  intervalMs?: number;
  /** Default: 1000. */
  maxDataPoints?: number;
  /** Default: one of its own for each request. */
  requestId?: string;
  /** `dashboard` unless given, as the panels of a dashboard say. */
  app?: `${CoreApp}`;
}

/** A query as callers write it: what Grafana always adds may be left out. */
export type Target<TQuery extends DataQuery = DataQuery> = Omit<TQuery, 'refId'> & { refId?: string };

let lastRequest = 0;

/**
 * The complete request that a panel would send. `toDateTime` makes a moment in a zone (`dateTimeForTimeZone` of
 * @grafana/data). Targets without refId become A, B, C, …. Throws a RangeError for a time that cannot be read.
 */
export function buildRequest<TQuery extends DataQuery>(
  targets: ReadonlyArray<Target<TQuery>>,
  options: QueryOptions,
  datasource: { type: string; uid: string },
  toDateTime: (timezone: string, milliseconds: number) => DateTime
): DataQueryRequest<TQuery> {
  const timezone = options.timezone ?? 'utc';
  const from = toDateTime(timezone, milliseconds('from', options.from));
  const to = toDateTime(timezone, milliseconds('to', options.to));
  const range: TimeRange = { from, to, raw: options.raw ?? { from, to } };
  const maxDataPoints = options.maxDataPoints ?? 1000;
  const intervalMs = options.intervalMs ?? Math.max(1, Math.round((to.valueOf() - from.valueOf()) / maxDataPoints));
  return {
    requestId: options.requestId ?? `Q${++lastRequest}`,
    app: options.app ?? 'dashboard',
    timezone,
    range,
    interval: `${intervalMs}ms`,
    intervalMs,
    maxDataPoints,
    scopedVars: options.scopedVars ?? {},
    startTime: Date.now(),
    targets: targets.map(
      (target, index) => ({ datasource, ...target, refId: target.refId ?? refIdOf(index) }) as unknown as TQuery
    ),
  };
}

function milliseconds(name: string, time: string | number | Date): number {
  const value = new Date(time).getTime();
  if (Number.isNaN(value)) {
    throw new RangeError(`"${name}" must be an ISO 8601 time, not ${JSON.stringify(time)}.`);
  }
  return value;
}

/** A to Z, then AA, AB, …, as Grafana's query editor names them. */
function refIdOf(index: number): string {
  const letter = String.fromCharCode(65 + (index % 26));
  return index < 26 ? letter : refIdOf(Math.floor(index / 26) - 1) + letter;
}
