// What the contract's reports must say about a range, computed from the truth in the plainest way: one pass over the
// rows, no index, no cache. It shares no code with the plugin, so that the two can check each other.
import { hourMs, minuteMs } from '../../src/core/domain/duration';
import type { Outcome } from './outcomes';
import type { RequestRow, Truth } from './truth';
import { invalidService, rejectedRequests, unattributedService, unknownCountry } from './truthFile';

/** Whole minutes in milliseconds since the epoch; `from` inclusive, `to` exclusive. */
export interface Range {
  from: number;
  to: number;
}

/**
 * What becomes of rejected requests, as in the plugin's option `rejectedRequests`: a figure of their own, or part of all.
 */
export type RejectedMode = 'separate' | 'count';

/** The count columns of the contract's summary, and the users. Null: not known, or no request to attribute. */
export interface ExpectedSummary {
  services_count_active: number;
  services_count_total: number;
  cpu_hours_total: number | null;
  gpu_hours_total: number | null;
  requests_count_total: number;
  requests_count_sync: number;
  requests_count_async: number;
  requests_count_exposed: number;
  countries_count: number;
  /** `ES:3|US:1`, largest first, then by code; without `unknown`. */
  countries: string;
  users_count: number;
  /** 0 to 100, not rounded. */
  attribution_percent: number | null;
  /** Sorted by code unit, joined by `|`. */
  users: string;
  /** Null with a choice of services, unless rejected requests are counted with the others. */
  requests_count_rejected: number | null;
  requests_count_failed: number;
}

export interface ExpectedService {
  key: string;
  requests_count_total: number;
  requests_count_sync: number;
  requests_count_async: number;
  requests_count_exposed: number;
  unique_users_count: number;
  countries: string;
  cpu_hours: number | null;
  gpu_hours: number | null;
  users: string;
  requests_count_rejected: number | null;
  requests_count_failed: number;
}

export interface ExpectedUser {
  key: string;
  executions_count: number;
  requests_count_sync: number;
  requests_count_async: number;
  services_count: number;
  countries: string;
}

export interface ExpectedCountry {
  key: string;
  executions_count: number;
  unique_users_count: number;
}

/**
 * The summary of a range; `services` restricts it to services of exactly these names.
 * @throws RangeError when an end is not a whole minute, or, with usage, not a whole hour.
 */
export function expectedSummary(
  truth: Truth,
  range: Range,
  services?: readonly string[],
  rejected: RejectedMode = 'separate'
): ExpectedSummary {
  const rows = expectedByService(truth, range, services, rejected);
  const users = new Set<string>();
  const countries = new Map<string, number>();
  for (const { user, country, count } of counted(truth.requests(), range, services, rejected)) {
    users.add(user);
    add(countries, country, count);
  }
  const total = sum(rows, 'requests_count_total');
  const unknown = countries.get(unknownCountry) ?? 0;
  const noServices = [invalidService, unattributedService, rejectedRequests];
  return {
    services_count_active: truth.activeServices.filter((name) => services?.includes(name) ?? true).length,
    // Other rows gather what is no service's.
    services_count_total: rows.filter(({ key }) => !noServices.includes(key)).length,
    cpu_hours_total: truth.hasUsage ? sum(rows, 'cpu_hours') : null,
    gpu_hours_total: truth.hasUsage ? sum(rows, 'gpu_hours') : null,
    requests_count_total: total,
    requests_count_sync: sum(rows, 'requests_count_sync'),
    requests_count_async: sum(rows, 'requests_count_async'),
    requests_count_exposed: sum(rows, 'requests_count_exposed'),
    countries_count: [...countries.keys()].filter((code) => code !== unknownCountry).length,
    countries: countriesCell(countries),
    users_count: users.size,
    attribution_percent: total === 0 ? null : (100 * (total - unknown)) / total,
    users: usersCell(users),
    requests_count_rejected: services && rejected === 'separate' ? null : sum(rows, 'requests_count_rejected'),
    requests_count_failed: sum(rows, 'requests_count_failed'),
  };
}

/**
 * One row for each service with a request of any kind or CPU or GPU time in the range, and last one for the rejected
 * requests where there are any. Throws as `expectedSummary`.
 */
export function expectedByService(
  truth: Truth,
  range: Range,
  services?: readonly string[],
  rejected: RejectedMode = 'separate'
): ExpectedService[] {
  const groups = new Map<string, Group>();
  const groupOf = (service: string) => getOrCreate(groups, service, createGroup);
  for (const row of counted(truth.requests(), range, services, rejected)) {
    addRequest(groupOf(row.service), row);
  }
  for (const { service, outcome, count } of counted(truth.exposed(), range, services, rejected)) {
    const group = groupOf(service);
    group.exposed += count;
    group.rejected += outcome === 'rejected' ? count : 0;
  }
  checkHours(truth, range);
  for (const { service, cpuSeconds, gpuSeconds } of within(truth.usage(), range, services)) {
    groupOf(service).cpuSeconds += cpuSeconds;
    groupOf(service).gpuSeconds += gpuSeconds;
  }
  // With a choice of services nobody can say which of the rejected requests would have been theirs.
  const isKnown = rejected === 'count' || services === undefined;
  const rowOf = (key: string, group: Group) => rowOfService(truth, key, group, isKnown);
  const rows = [...groups].map(([key, group]) => rowOf(key, group)).sort(by((row) => row.requests_count_total));
  const apart = rejected === 'separate' && isKnown ? countRejected(truth, range) : 0;
  return apart > 0 ? [...rows, rowOf(rejectedRequests, { ...createGroup(), rejected: apart })] : rows;
}

function rowOfService(truth: Truth, key: string, group: Group, isRejectedKnown: boolean): ExpectedService {
  return {
    key,
    requests_count_total: group.sync + group.async,
    requests_count_sync: group.sync,
    requests_count_async: group.async,
    requests_count_exposed: group.exposed,
    unique_users_count: group.users.size,
    countries: countriesCell(group.countries),
    cpu_hours: truth.hasUsage ? group.cpuSeconds / 3600 : null,
    gpu_hours: truth.hasUsage ? group.gpuSeconds / 3600 : null,
    users: usersCell(group.users),
    requests_count_rejected: isRejectedKnown ? group.rejected : null,
    requests_count_failed: group.failed,
  };
}

/** Requests of both kinds that nobody processed, whatever they asked for. */
function countRejected(truth: Truth, range: Range): number {
  const rows = [...within(truth.requests(), range), ...within(truth.exposed(), range)];
  return rows.reduce((total, { outcome, count }) => total + (outcome === 'rejected' ? count : 0), 0);
}

/** One row for each user with a request in the range. Throws as `expectedSummary`, but hours are not needed. */
export function expectedByUser(
  truth: Truth,
  range: Range,
  services?: readonly string[],
  rejected: RejectedMode = 'separate'
): ExpectedUser[] {
  const groups = new Map<string, Group>();
  for (const row of counted(truth.requests(), range, services, rejected)) {
    addRequest(getOrCreate(groups, row.user, createGroup), row);
  }
  const rows = [...groups].map(([key, group]) => ({
    key,
    executions_count: group.sync + group.async,
    requests_count_sync: group.sync,
    requests_count_async: group.async,
    services_count: group.services.size,
    countries: countriesCell(group.countries),
  }));
  return rows.sort(by((row) => row.executions_count));
}

/** One row for each country with a request in the range, `unknown` included. Throws as `expectedByUser`. */
export function expectedByCountry(
  truth: Truth,
  range: Range,
  services?: readonly string[],
  rejected: RejectedMode = 'separate'
): ExpectedCountry[] {
  const groups = new Map<string, Group>();
  for (const row of counted(truth.requests(), range, services, rejected)) {
    addRequest(getOrCreate(groups, row.country, createGroup), row);
  }
  const rows = [...groups].map(([key, group]) => ({
    key,
    executions_count: group.sync + group.async,
    unique_users_count: group.users.size,
  }));
  return rows.sort(by((row) => row.executions_count));
}

interface Group {
  sync: number;
  async: number;
  exposed: number;
  rejected: number;
  failed: number;
  cpuSeconds: number;
  gpuSeconds: number;
  users: Set<string>;
  services: Set<string>;
  countries: Map<string, number>;
}

function createGroup(): Group {
  return {
    sync: 0,
    async: 0,
    exposed: 0,
    rejected: 0,
    failed: 0,
    cpuSeconds: 0,
    gpuSeconds: 0,
    users: new Set(),
    services: new Set(),
    countries: new Map(),
  };
}

function addRequest(group: Group, row: RequestRow): void {
  group.rejected += row.outcome === 'rejected' ? row.count : 0;
  group.failed += row.outcome === 'failed' ? row.count : 0;
  group[row.type] += row.count;
  group.users.add(row.user);
  if (row.service !== invalidService) {
    group.services.add(row.service);
  }
  add(group.countries, row.country, row.count);
}

/** The requests that are part of the other figures. */
function* counted<T extends { minute: number; service: string; outcome: Outcome }>(
  rows: Iterable<T>,
  range: Range,
  services: readonly string[] | undefined,
  rejected: RejectedMode
): Generator<T> {
  for (const row of within(rows, range, services)) {
    if (rejected === 'count' || row.outcome !== 'rejected') {
      yield row;
    }
  }
}

function* within<T extends { minute: number; service: string }>(
  rows: Iterable<T>,
  { from, to }: Range,
  services?: readonly string[]
): Generator<T> {
  if (from % minuteMs !== 0 || to % minuteMs !== 0) {
    throw new RangeError(`true counts are known by the minute: ${from} and ${to} must be whole minutes`);
  }
  for (const row of rows) {
    const time = row.minute * minuteMs;
    if (from <= time && time < to && (services === undefined || services.includes(row.service))) {
      yield row;
    }
  }
}

function checkHours(truth: Truth, { from, to }: Range): void {
  if (truth.hasUsage && (from % hourMs !== 0 || to % hourMs !== 0)) {
    throw new RangeError(`true usage is known by the hour: ${from} and ${to} must be whole hours`);
  }
}

function countriesCell(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .filter(([code]) => code !== unknownCountry)
    .sort(([leftCode, left], [rightCode, right]) => right - left || compare(leftCode, rightCode))
    .map(([code, count]) => `${code}:${count}`)
    .join('|');
}

function usersCell(users: ReadonlySet<string>): string {
  return [...users].sort(compare).join('|');
}

/** The contract's order: by the first count, descending, then by key. */
function by<T extends { key: string }>(count: (row: T) => number) {
  return (left: T, right: T) => count(right) - count(left) || compare(left.key, right.key);
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function add(counts: Map<string, number>, key: string, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}

function getOrCreate<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  const existing = map.get(key);
  if (existing !== undefined) {
    return existing;
  }
  const value = create();
  map.set(key, value);
  return value;
}

function sum<K extends string>(rows: ReadonlyArray<Record<K, number | null>>, column: K): number {
  return rows.reduce((total, row) => total + (row[column] ?? 0), 0);
}
