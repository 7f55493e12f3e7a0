/** Limits of an engine: its documented defaults until it states others, or shows them by an error. */
export interface LearnedLimits {
  /** `max_query_series`. */
  maxSeries: number;
  /** `max_entries_limit_per_query`. */
  maxEntries: number;
  /** The shorter one of `max_query_length` and `max_query_range`, in ms. */
  maxLengthMs: number;
  /** `max_query_lookback`, in ms; infinite where there is none, absent where it is not known. */
  lookBackMs?: number;
}

/** Loki's defaults (https://grafana.com/docs/loki/latest/configure/#limits_config). */
export function defaultLimits(): LearnedLimits {
  return { maxSeries: 500, maxEntries: 5000, maxLengthMs: 30 * 86_400_000 };
}
