import { durationMs } from './durations';
import { UpstreamError } from './errors';

/** Limits that a Loki states of itself; absent where it does not say. */
export interface LokiLimits {
  maxSeries?: number;
  maxEntries?: number;
  /** The shorter one of `max_query_length` and `max_query_range`. */
  maxLengthMs?: number;
  /** How far back anything may be asked for (`max_query_lookback`); infinite where there is no such limit. */
  lookBackMs?: number;
  /** `query_timeout`. */
  queryTimeoutMs?: number;
  /** How long lines are kept, where Loki's compactor applies it (`retention_period`). */
  retentionMs?: number;
}

/** Reads the body of `/loki/api/v1/drilldown-limits`. Throws an `UpstreamError` of kind `malformed`. */
export function parseLimits(body: unknown): LokiLimits {
  const limits = (body as { limits?: Record<string, unknown> } | null)?.limits;
  if (typeof limits !== 'object' || limits === null) {
    throw new UpstreamError('malformed', "Loki's limits do not have the documented form");
  }
  return {
    ...positive('maxSeries', limits['max_query_series']),
    ...positive('maxEntries', limits['max_entries_limit_per_query']),
    ...positive('maxLengthMs', lengthLimit(limits)),
    ...lookBackIn(limits['max_query_lookback']),
    ...positive('queryTimeoutMs', durationMs(limits['query_timeout'])),
    ...positive('retentionMs', durationMs(limits['retention_period'])),
  };
}

/** `max_query_range` limits the window of a count, `max_query_length` the whole of what is looked at; 0 is no limit. */
function lengthLimit(limits: Readonly<Record<string, unknown>>): number {
  const lengths = ['max_query_length', 'max_query_range'].map((name) => durationMs(limits[name]) || Infinity);
  const shortest = Math.min(...lengths);
  return shortest === Infinity ? 0 : shortest;
}

/** 0 is no limit. */
function lookBackIn(stated: unknown): Pick<LokiLimits, 'lookBackMs'> {
  const ms = durationMs(stated);
  return ms === undefined ? {} : { lookBackMs: ms > 0 ? ms : Infinity };
}

function positive<K extends string>(key: K, value: unknown): { [P in K]?: number } {
  return typeof value === 'number' && value > 0 ? ({ [key]: value } as { [P in K]?: number }) : {};
}
