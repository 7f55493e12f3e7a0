import { dayMs } from './duration';

const hoursInDay = 24;

/** Longest range that reports are made for, in days: half a year, whatever its months. */
const reportedDays = 184;

/** How long both engines should keep what is reported, in days: half a year, and the time to make the report. */
export const retentionDays = 200;

/** Whether samples or lines that are kept for `ms` suffice for reports of half a year. */
export function keepsHalfAYear(ms: number): boolean {
  return ms >= reportedDays * dayMs;
}

/** Prometheus' own option. */
export const prometheusRetention = `--storage.tsdb.retention.time=${retentionDays}d`;

/** Loki's own option; it knows no days in old versions. */
export const lokiRetention = `retention_period: ${retentionDays * hoursInDay}h`;
