import { sourcesOfMetric } from '../domain/affectedMetrics';
import { type MetricKey, perServiceMetricKeys } from '../domain/metricKeys';
import { othersKey } from '../domain/others';
import { type SourceName, sourceNames } from '../domain/sources';
import { compareText } from '../domain/text';
import { type UsageQuery } from '../query';
import { type KeyCounts } from '../requests/keyCounts';
import { type CallType } from '../requests/keyTable';
import { sortedInSteps, type Work } from '../runtime/turns';
import { placeOf } from './arrange';
import { attributedEntries, distinctUsers, located } from './facts';
import { withOthers } from './others';
import {
  type Cell,
  type Column,
  type Facts,
  type LastRow,
  type Report,
  type ReportContext,
  type Row,
  type SeriesPoint,
} from './report';
import { keysByUser } from './shownUsers';
import { hiddenIn } from './smallGroups';
import { countServices } from './summary';
import { statusColumn } from './tableReport';

/** One value of a metric. */
interface Entry {
  service: string;
  /** The user or country that the value is of; empty for a metric with one value per service. */
  key?: string;
  value: Cell;
  /** Set for the entry of all that are not kept. */
  last?: LastRow;
}

/** How a metric is computed; null when its source delivered nothing. */
interface Metric {
  unit: string;
  /** True when a service has one value, so that a service without any has a measured 0. */
  perService: boolean;
  /** What `key` names in a list-valued metric. */
  entryLabel?: 'user' | 'country';
  entries: (facts: Facts, context: ReportContext) => Iterable<Entry> | null;
}

const metrics: Readonly<Record<MetricKey, Metric>> = {
  'services-count': {
    unit: 'services',
    perService: false,
    // One value for all services, so that it has no service of its own.
    entries: (facts) => [{ service: '', value: countServices(facts) }],
  },
  'cpu-hours': { unit: 'hours', perService: true, entries: ({ cpu }) => hourEntries(cpu) },
  'gpu-hours': { unit: 'hours', perService: true, entries: ({ gpu }) => hourEntries(gpu) },
  'requests-sync-per-service': {
    unit: 'requests',
    perService: true,
    entries: ({ requests }) => requestEntries(requests, 'sync'),
  },
  'requests-async-per-service': {
    unit: 'requests',
    perService: true,
    entries: ({ requests }) => requestEntries(requests, 'async'),
  },
  'requests-exposed-per-service': {
    unit: 'requests',
    perService: true,
    entries: ({ exposed }) => requestEntries(exposed, 'exposed'),
  },
  'requests-per-user': {
    unit: 'requests',
    perService: false,
    entryLabel: 'user',
    entries: ({ requests }, context) =>
      requests && listEntries(requests, (keys) => keysByUser(keys, context).entriesOf('user')),
  },
  'users-per-service': {
    unit: 'users',
    perService: true,
    entries: (facts, context) =>
      orNone(facts.requests, (all) =>
        perService(all, (keys, service) => ofPeople(service, facts, context, distinctUsers(facts, keys)))
      ),
  },
  'countries-count': {
    unit: 'countries',
    perService: true,
    entries: (facts, context) =>
      orNone(located(facts), (all) =>
        perService(all, (keys, service) => ofPeople(service, facts, context, attributedEntries(keys).length))
      ),
  },
  'countries-list': {
    unit: 'requests',
    perService: false,
    entryLabel: 'country',
    entries: (facts, context) =>
      orNone(located(facts), (all) =>
        listEntries(all, (keys, service) => ofPeople(service, facts, context, attributedEntries(keys)) ?? [])
      ),
  },
};

/** One metric, or all per-service metrics, of each service (contract, "metric"). Each metric has a limit of its own. */
export const metric: Report = {
  columns(query) {
    const { metric: key } = query;
    const asked = new Set<SourceName>(keysOf(query).flatMap((one) => sourcesOfMetric[one]));
    const sources = sourceNames.filter((source) => asked.has(source));
    return [
      { name: 'service', type: 'text', role: 'key', sources },
      { name: 'metric', type: 'text', role: 'key', sources },
      { name: 'key', type: 'text', role: 'key', sources },
      { name: 'value', type: key ? typeOf(metrics[key]) : 'number', sources },
      { name: 'unit', type: 'text', sources },
      statusColumn(sources),
    ];
  },

  order: 'listed',

  rows: rowsOf,

  limited: {
    noun: ({ metric: key }) => (key && !metrics[key].perService ? 'rows' : 'services'),
    groupOf: ({ cells }) => String(cells.metric),
    nameOf: ({ cells: { service, metric: key, key: entry } }) =>
      metrics[key as MetricKey].perService ? String(service) : entryName(String(service), String(entry)),
    isProtected: ({ cells: { service, metric: key, key: user } }, facts, context) =>
      key === 'requests-per-user' &&
      (context.protectedUsers?.has(String(user)) === true || hiddenIn(facts, 'service', context).has(String(service))),
  },

  series: {
    drawn: ['value'],
    *points(facts, context) {
      return (yield* rowsOf(facts, context)).flatMap(pointsOf);
    },
  },
};

function typeOf({ unit }: Metric): Column['type'] {
  return unit === 'hours' ? 'hours' : 'count';
}

/** Entries between two interruptions. */
const entriesAtOnce = 1000;

function* rowsOf(facts: Facts, context: ReportContext): Work<Row[]> {
  const { query, kept } = context;
  const known = query.metric ? [] : servicesOf(facts);
  const rows: Row[] = [];
  for (const key of keysOf(query)) {
    yield;
    const entries = metrics[key].perService
      ? yield* entriesByService(key, facts, context, known)
      : yield* withSumOfOthers(yield* listed(metrics[key].entries(facts, context)), kept?.get(key));
    for (const entry of yield* sortedInSteps(entries, compareEntries)) {
      rows.push(rowOf(key, entry));
      if (rows.length % entriesAtOnce === 0) {
        yield;
      }
    }
  }
  // All metrics of a service stand together, in the order of the contract; sorting keeps it.
  return query.metric ? rows : yield* sortedInSteps(rows, compareServices);
}

function* listed(entries: Iterable<Entry> | null): Work<Entry[] | null> {
  if (!entries) {
    return null;
  }
  const list: Entry[] = [];
  for (const entry of entries) {
    list.push(entry);
    if (list.length % entriesAtOnce === 0) {
      yield;
    }
  }
  return list;
}

/** The values of all services, those that are not kept as of one service. */
function* entriesByService(
  key: MetricKey,
  facts: Facts,
  context: ReportContext,
  known: readonly string[]
): Work<Entry[]> {
  const kept = context.kept?.get(key);
  const names = [...known, ...(context.services ?? [])];
  if (!kept) {
    return complete(yield* listed(metrics[key].entries(facts, context)), new Set(names));
  }
  const merged = withOthers(facts, 'service', kept);
  const ownNames = new Set(names.map((name) => (kept.has(name) ? name : othersKey)));
  return complete(yield* listed(metrics[key].entries(merged, context)), ownNames).map((entry) =>
    entry.service === othersKey ? { ...entry, last: 'others' } : entry
  );
}

/** The entries with the sum of those that are not kept, which belong to several services and users or countries. */
function* withSumOfOthers(entries: Entry[] | null, kept: ReadonlySet<string> | undefined): Work<Entry[]> {
  if (!entries) {
    return [{ service: '', value: null }];
  }
  if (!kept) {
    return entries;
  }
  const own: Entry[] = [];
  const others: Entry = { service: othersKey, value: 0, last: 'others' };
  for (const [index, entry] of entries.entries()) {
    if (index % entriesAtOnce === 0) {
      yield;
    }
    if (kept.has(entryName(entry.service, entry.key ?? ''))) {
      own.push(entry);
    } else {
      others.value = Number(others.value) + Number(entry.value);
    }
  }
  return own.length < entries.length ? [...own, others] : own;
}

function entryName(service: string, key: string): string {
  // No service has a space in its name.
  return `${service} ${key}`;
}

/** The series of a row is named by its metric, not by the column. */
function pointsOf({ cells, sources = [], last }: Row): SeriesPoint[] {
  const key = cells.metric as MetricKey;
  const { entryLabel, unit } = metrics[key];
  const labels = {
    ...(cells.service !== '' && { service: String(cells.service) }),
    ...(entryLabel && cells.key !== '' && { [entryLabel]: String(cells.key) }),
  };
  // A row without a name only says that the source is missing, which the buckets say too.
  const isNamed = Object.keys(labels).length > 0 || key === 'services-count';
  const point = { name: key, labels, unit: unit === 'hours' ? ('h' as const) : ('short' as const) };
  return isNamed ? [{ ...point, value: cells.value ?? null, sources, ...(last && { last }) }] : [];
}

function keysOf(query: UsageQuery): readonly MetricKey[] {
  return query.metric ? [query.metric] : perServiceMetricKeys;
}

function rowOf(key: MetricKey, { service, key: entryKey = '', value, last }: Entry): Row {
  return {
    sources: sourcesOfMetric[key],
    cells: { service, metric: key, key: entryKey, value, unit: metrics[key].unit },
    ...(last && { last }),
  };
}

function compareEntries(a: Entry, b: Entry): number {
  return (
    placeOf(a) - placeOf(b) ||
    Number(b.value ?? -1) - Number(a.value ?? -1) ||
    compareText(a.service, b.service) ||
    compareText(a.key ?? '', b.key ?? '')
  );
}

function compareServices(a: Row, b: Row): number {
  return placeOf(a) - placeOf(b) || compareText(String(a.cells.service), String(b.cells.service));
}

/**
 * Adds the services that have no value: a measured 0, or null where the source delivered nothing. Without any service
 * to name, a missing source still has a row of its own.
 */
function complete(entries: Entry[] | null, services: ReadonlySet<string>): Entry[] {
  if (!entries) {
    return [...(services.size > 0 ? services : [''])].map((service) => ({ service, value: null }));
  }
  const present = new Set(entries.map(({ service }) => service));
  return [...entries, ...[...services].filter((name) => !present.has(name)).map((service) => ({ service, value: 0 }))];
}

/** Everything that is counted under the name of a service. */
function servicesOf({ requests, exposed, cpu, gpu }: Facts): string[] {
  return [
    ...(requests?.namesOf('service') ?? []),
    ...(exposed?.namesOf('service') ?? []),
    ...(cpu?.keys() ?? []),
    ...(gpu?.keys() ?? []),
  ];
}

function orNone(keys: KeyCounts | null, entries: (keys: KeyCounts) => Iterable<Entry>): Iterable<Entry> | null {
  return keys && entries(keys);
}

function hourEntries(hours: ReadonlyMap<string, number> | null): Entry[] | null {
  return hours ? [...hours].map(([service, value]) => ({ service, value })) : null;
}

function requestEntries(keys: KeyCounts | null, type: CallType): Iterable<Entry> | null {
  return keys ? perService(keys, (own) => own.countOf('type', type)) : null;
}

function* perService(keys: KeyCounts, value: (own: KeyCounts, service: string) => number | null): Iterable<Entry> {
  for (const [service, own] of keys.groupBy('service')) {
    yield { service, value: value(own, service) };
  }
}

/** What tells of the users of a service; null where these are too few (option `smallestGroup`). */
function ofPeople<T>(service: string, facts: Facts, context: ReportContext, value: T): T | null {
  return hiddenIn(facts, 'service', context).has(service) ? null : value;
}

function* listEntries(
  keys: KeyCounts,
  list: (own: KeyCounts, service: string) => ReadonlyArray<readonly [string, number]>
): Iterable<Entry> {
  for (const [service, own] of keys.groupBy('service')) {
    for (const [key, value] of list(own, service)) {
      yield { service, key, value };
    }
  }
}
