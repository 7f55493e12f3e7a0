import { sourcesOfMetric } from '../domain/affectedMetrics';
import { type MetricKey, perServiceMetricKeys } from '../domain/metricKeys';
import { type SourceName, sourceNames } from '../domain/sources';
import { compareText } from '../domain/text';
import { type KeyCounts } from '../ledger/keyCounts';
import { type CallType } from '../ledger/keyTable';
import { type OscarQuery } from '../types';
import { attributedCountries, located, ranked } from './facts';
import {
  type Cell,
  type Column,
  type Facts,
  type Report,
  type ReportContext,
  type Row,
  type SeriesPoint,
} from './report';
import { countsByUser, userText } from './shownUsers';
import { countServices } from './summary';
import { statusColumn } from './tableReport';

/** One value of a metric. */
interface Entry {
  service: string;
  /** The user or country that the value is of; empty for a metric with one value per service. */
  key?: string;
  value: Cell;
}

/** How a metric is computed; null when its source delivered nothing. */
interface Metric {
  unit: string;
  /** True when a service has one value, so that a service without any has a measured 0. */
  perService: boolean;
  /** What `key` names in a list-valued metric. */
  entryLabel?: 'user' | 'country';
  entries: (facts: Facts, context: ReportContext) => Entry[] | null;
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
      requests &&
      listEntries(requests, (keys) =>
        ranked(countsByUser(keys, context).map(([user, count]) => [userText(user, context), count]))
      ),
  },
  'users-per-service': {
    unit: 'users',
    perService: true,
    entries: ({ requests }) => requests && perService(requests, (keys) => keys.distinct('user')),
  },
  'countries-count': {
    unit: 'countries',
    perService: true,
    entries: (facts) => orNone(located(facts), (keys) => perService(keys, (own) => attributedCountries(own).length)),
  },
  'countries-list': {
    unit: 'requests',
    perService: false,
    entryLabel: 'country',
    entries: (facts) => orNone(located(facts), (keys) => listEntries(keys, attributedCountries)),
  },
};

/** One metric, or all per-service metrics, of each service (contract, "metric"). */
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

  series: { drawn: ['value'], points: (facts, context) => rowsOf(facts, context).flatMap(pointsOf) },
};

function typeOf({ unit }: Metric): Column['type'] {
  return unit === 'hours' ? 'hours' : 'count';
}

function rowsOf(facts: Facts, context: ReportContext): Row[] {
  const { query, services } = context;
  const keys = keysOf(query);
  const rows = keys.flatMap((key) => {
    const entries = metrics[key].entries(facts, context);
    if (!metrics[key].perService) {
      return rowsOfMetric(key, entries ?? [{ service: '', value: null }]);
    }
    const known = query.metric ? [] : servicesOf(facts);
    return rowsOfMetric(key, complete(entries, new Set([...known, ...(services ?? [])])));
  });
  if (query.metric) {
    return rows;
  }
  // All metrics of a service stand together, in the order of the contract.
  return rows.sort(
    (a, b) =>
      compareText(String(a.cells.service), String(b.cells.service)) ||
      keys.indexOf(a.cells.metric as MetricKey) - keys.indexOf(b.cells.metric as MetricKey)
  );
}

/** The series of a row is named by its metric, not by the column. */
function pointsOf({ cells, sources = [] }: Row): SeriesPoint[] {
  const key = cells.metric as MetricKey;
  const { entryLabel, unit } = metrics[key];
  const labels = {
    ...(cells.service !== '' && { service: String(cells.service) }),
    ...(entryLabel && cells.key !== '' && { [entryLabel]: String(cells.key) }),
  };
  // A row without a name only says that the source is missing, which the buckets say too.
  const isNamed = Object.keys(labels).length > 0 || key === 'services-count';
  const point = { name: key, labels, unit: unit === 'hours' ? ('h' as const) : ('short' as const) };
  return isNamed ? [{ ...point, value: cells.value ?? null, sources }] : [];
}

function keysOf(query: OscarQuery): readonly MetricKey[] {
  return query.metric ? [query.metric] : perServiceMetricKeys;
}

function rowsOfMetric(key: MetricKey, entries: readonly Entry[]): Row[] {
  const { unit } = metrics[key];
  const sorted = [...entries].sort(
    (a, b) =>
      Number(b.value ?? -1) - Number(a.value ?? -1) ||
      compareText(a.service, b.service) ||
      compareText(a.key ?? '', b.key ?? '')
  );
  return sorted.map(({ service, key: entryKey = '', value }) => ({
    sources: sourcesOfMetric[key],
    cells: { service, metric: key, key: entryKey, value, unit },
  }));
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

function orNone(keys: KeyCounts | null, entries: (keys: KeyCounts) => Entry[]): Entry[] | null {
  return keys && entries(keys);
}

function hourEntries(hours: ReadonlyMap<string, number> | null): Entry[] | null {
  return hours ? [...hours].map(([service, value]) => ({ service, value })) : null;
}

function requestEntries(keys: KeyCounts | null, type: CallType): Entry[] | null {
  return keys ? perService(keys, (own) => own.countOf('type', type)) : null;
}

function perService(keys: KeyCounts, value: (own: KeyCounts) => number): Entry[] {
  return [...keys.groupBy('service')].map(([service, own]) => ({ service, value: value(own) }));
}

function listEntries(keys: KeyCounts, list: (own: KeyCounts) => ReadonlyArray<readonly [string, number]>): Entry[] {
  return [...keys.groupBy('service')].flatMap(([service, own]) =>
    list(own).map(([key, value]) => ({ service, key, value }))
  );
}
