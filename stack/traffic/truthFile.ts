// The file format of the truth: gzipped JSON lines, so that millions of rows can be written and read as a stream.
// Line 1 is the header. Every other line is an array whose first element says what it is:
//   ["service" | "user" | "country", name]       gives the name the next number, counted from 0 per kind
//   ["r", minute, service, type, user, country, outcome, count]   requests; type 0 is sync, 1 async; for the outcome see below
//   ["x", minute, service, country, outcome, count]               exposed requests
//   ["u", hour, service, kind, cpuSeconds, gpuSeconds]            usage of the hour that begins in that minute, by kind of pod
//   ["end", {activeServices, entries, hasUsage}]         the last line; without it the file is not complete
// Minutes are those since the epoch.
import type { TrafficParameters } from './parameters';

export const truthFormat = 'oscar-metrics-truth';
export const truthFormatVersion = 2;

export interface TruthHeader {
  format: string;
  version: number;
  parameters: TrafficParameters;
}

export interface TruthEnd {
  /** Names of the services that are deployed at the end of the span, sorted. */
  activeServices: string[];
  /** Number of log entries of every kind. */
  entries: number;
  /** Whether usage was generated at all: without it, CPU and GPU hours are not known rather than 0. */
  hasUsage: boolean;
}

/** Row keys of the contract's counting rules 1, 4, 7 and 11. */
export const invalidService = '(invalid)';
export const noUser = '(none)';
export const unknownCountry = 'unknown';
export const unattributedService = '(unattributed)';
export const rejectedRequests = '(rejected)';
