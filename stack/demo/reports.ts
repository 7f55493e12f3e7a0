import { dayMs, minuteMs } from '../../src/core/domain/duration';
import { type UsageQuery } from '../../src/core/query';
import { type Row } from '../core/asking';
import {
  expectedByCountry,
  expectedByService,
  expectedByUser,
  expectedSummary,
  type Range,
  type Truth,
} from '../traffic';
import { type Comparison } from './comparison';

/** One query of the demo, and how its rows compare with the truth. */
export interface DemoReport {
  title: string;
  target: UsageQuery;
  compare: (rows: readonly Row[], truth: Truth, range: Range) => Comparison[];
}

/** Hours come from samples two minutes apart, and jobs may be shorter than that; counts are exact. */
const hoursTolerance = 0.15;

const summaryFigures = [
  'services_count_active',
  'services_count_total',
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_rejected',
  'requests_count_failed',
  'countries_count',
  'countries',
  'users_count',
  'users',
] as const;

const summaryReport: DemoReport = {
  title: 'summary of the month',
  target: { queryType: 'summary', includeUsers: true },
  compare([row = {}], truth, range) {
    const expected = expectedSummary(truth, range);
    const percent = expected.attribution_percent;
    return [
      ...summaryFigures.map((figure) => exact(figure, row[figure], expected[figure])),
      exact('attribution_percent', row['attribution_percent'], percent === null ? null : Math.round(percent * 10) / 10),
      hours('cpu_hours_total', row['cpu_hours_total'], expected.cpu_hours_total),
      hours('gpu_hours_total', row['gpu_hours_total'], expected.gpu_hours_total),
    ];
  },
};

/** All figures of every service, added up over the services so that the table stays short, and the largest service. */
const serviceMetrics: DemoReport = {
  title: 'all metrics of every service',
  target: { queryType: 'metric' },
  compare(rows, truth, range) {
    const services = expectedByService(truth, range);
    const valueOf = (service: string, metric: string) =>
      rows.find((row) => row['service'] === service && row['metric'] === metric)?.['value'];
    const figures = [
      ['requests-sync-per-service', 'requests_count_sync'],
      ['requests-async-per-service', 'requests_count_async'],
      ['requests-exposed-per-service', 'requests_count_exposed'],
      ['users-per-service', 'unique_users_count'],
    ] as const;
    return figures.flatMap(([metric, column]) => {
      const reported = new Map(
        rows.filter((row) => row['metric'] === metric).map((row) => [row['service'], row['value']])
      );
      const wrong = services.filter(({ key, [column]: value }) => (reported.get(key) ?? 0) !== value);
      const largest = services[0]?.key ?? '';
      return [
        exact(`${metric}: services that differ`, wrong.length, 0),
        exact(`${metric} of ${largest}`, valueOf(largest, metric), services[0]?.[column] ?? null),
      ];
    });
  },
};

/** A breakdown compared row by row: the number of rows, and how many of them differ in any column. */
function breakdownReport<T extends { key: string }>(
  groupBy: 'service' | 'user' | 'country',
  expect: (truth: Truth, range: Range) => T[],
  columns: ReadonlyArray<keyof T & string>
): DemoReport {
  return {
    title: `breakdown by ${groupBy}`,
    target: { queryType: 'breakdown', groupBy },
    compare(rows, truth, range) {
      const expected = expect(truth, range);
      const byKey = new Map(rows.map((row) => [row['key'], row]));
      const differing = (column: keyof T & string) =>
        expected.filter((one) => byKey.get(one.key)?.[column] !== one[column]).length;
      return [
        exact('rows', rows.length, expected.length),
        ...columns.map((column) => exact(`${column}: rows that differ`, differing(column), 0)),
      ];
    },
  };
}

/** The summary of each week beside the truth of the month: people are not added up, requests are. */
const weeklySummary: DemoReport = {
  title: 'summary of each week',
  target: { queryType: 'summary', interval: 'week' },
  compare: (rows, truth, range) => [
    exact(
      'requests_count_total, all weeks',
      sumOf(rows, 'requests_count_total'),
      expectedSummary(truth, range).requests_count_total
    ),
    exact(
      'requests_count_exposed, all weeks',
      sumOf(rows, 'requests_count_exposed'),
      expectedSummary(truth, range).requests_count_exposed
    ),
  ],
};

/** Requests by country, with percentages that sum to 100.0. */
const countryShares: DemoReport = {
  title: 'country shares',
  target: { queryType: 'country' },
  compare(rows, truth, range) {
    const expected = expectedByCountry(truth, range);
    const counts = new Map(rows.map((row) => [row['country'], row['request_count']]));
    return [
      exact('rows', rows.length, expected.length),
      exact(
        'request_count: rows that differ',
        expected.filter(({ key, executions_count }) => counts.get(key) !== executions_count).length,
        0
      ),
      exact(
        'percentage, all rows',
        Math.round(sumOf(rows, 'percentage') * 10) / 10,
        expected.some(({ key }) => key !== 'unknown') ? 100 : 0
      ),
    ];
  },
};

const membershipReport: DemoReport = {
  title: 'membership',
  target: { queryType: 'membership' },
  compare(rows, truth, range) {
    const { requests_count_total, users_count } = expectedSummary(truth, range);
    const members = expectedByUser(truth, range).filter(({ key }) => isOidcSubject(key));
    const row = rows.find(({ membership }) => membership === 'member');
    return [
      exact('users_count, all rows', sumOf(rows, 'users_count'), users_count),
      exact('executions_count, all rows', sumOf(rows, 'executions_count'), requests_count_total),
      exact('users_count of members', row?.['users_count'], members.length),
      exact(
        'executions_count of members',
        row?.['executions_count'],
        members.reduce((sum, user) => sum + user.executions_count, 0)
      ),
    ];
  },
};

/** Contract rule 9, written down anew: a UUID, 16 or more hex digits with or without an issuer, or `x@y`. */
function isOidcSubject(user: string): boolean {
  return (
    /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(user) ||
    /^[0-9a-f]{16,}(@.+)?$/i.test(user) ||
    /^[^@\s]+@[^@\s]+$/.test(user)
  );
}

/** Each service's requests, and the minute in which it was first and last called: finer than that, the truth is not. */
const servicesReport: DemoReport = {
  title: 'services seen or deployed',
  target: { queryType: 'services' },
  compare(rows, truth, range) {
    const expected = expectedSeen(truth, range);
    const byName = new Map(rows.map((row) => [row['service'], row]));
    const differing = (column: 'first_seen' | 'last_seen') =>
      [...expected].filter(([service, seen]) => String(byName.get(service)?.[column]).slice(0, 16) !== seen[column])
        .length;
    return [
      exact(
        'active services',
        rows.filter(({ active }) => String(active) === 'true').length,
        truth.activeServices.length
      ),
      exact(
        'services with requests',
        rows.filter((row) => row['first_seen'] !== null && expected.has(String(row['service']))).length,
        expected.size
      ),
      exact(
        'requests_count_total, all rows and the invalid names',
        sumOf(rows, 'requests_count_total') + invalidRequests(truth, range),
        expectedSummary(truth, range).requests_count_total
      ),
      exact('first_seen: rows that differ', differing('first_seen'), 0),
      exact('last_seen: rows that differ', differing('last_seen'), 0),
    ];
  },
};

function invalidRequests(truth: Truth, range: Range): number {
  return expectedByService(truth, range).find(({ key }) => key === '(invalid)')?.requests_count_total ?? 0;
}

/** `2026-10-01T00:00` of the first and last request of any kind that was not rejected, by service. */
function expectedSeen(truth: Truth, { from, to }: Range): Map<string, { first_seen: string; last_seen: string }> {
  const seen = new Map<string, { first_seen: string; last_seen: string }>();
  const all = [...truth.requests(), ...truth.exposed()].filter(
    ({ minute, service, outcome }) =>
      minute * minuteMs >= from && minute * minuteMs < to && service !== '(invalid)' && outcome !== 'rejected'
  );
  for (const { minute, service } of all.sort((a, b) => a.minute - b.minute)) {
    const text = new Date(minute * minuteMs).toISOString().slice(0, 16);
    seen.set(service, { first_seen: seen.get(service)?.first_seen ?? text, last_seen: text });
  }
  return seen;
}

const reconciliationReport: DemoReport = {
  title: 'reconciliation',
  target: { queryType: 'reconciliation' },
  compare: (rows, truth, range) => [
    exact(
      'requests_count_total',
      rows.find(({ figure }) => figure === 'requests_count_total')?.['by_user'],
      expectedSummary(truth, range).requests_count_total
    ),
    ...rows.map((row) => exact(`${String(row['figure'])}: difference`, row['difference'], 0)),
  ],
};

const completenessReport: DemoReport = {
  title: 'completeness',
  target: { queryType: 'completeness' },
  compare: (rows) => [
    exact('sources', rows.length, 7),
    ...['usage-cpu', 'request-logs', 'exposed-request-logs', 'service-inventory'].map((source) =>
      exact(source, rows.find((row) => row['source'] === source)?.['status'], 'ok')
    ),
  ],
};

const timeSeries: DemoReport = {
  title: 'requests by service as a time series by day',
  target: { queryType: 'breakdown', groupBy: 'service', format: 'timeseries', interval: 'day' },
  compare: (rows, truth, range) => [
    exact('buckets', rows.length, Math.round((range.to - range.from) / dayMs)),
    exact(
      'all buckets of all services',
      rows.reduce(
        (sum, { time: _, ...values }) =>
          sum + Object.values(values).reduce<number>((own, value) => own + Number(value), 0),
        0
      ),
      expectedSummary(truth, range).requests_count_total
    ),
  ],
};

export const demoReports: readonly DemoReport[] = [
  summaryReport,
  weeklySummary,
  serviceMetrics,
  breakdownReport('service', expectedByService, [
    'requests_count_total',
    'requests_count_sync',
    'requests_count_async',
    'requests_count_exposed',
    'requests_count_rejected',
    'requests_count_failed',
    'unique_users_count',
    'countries',
  ]),
  breakdownReport('user', expectedByUser, [
    'executions_count',
    'requests_count_sync',
    'requests_count_async',
    'services_count',
    'countries',
  ]),
  breakdownReport('country', expectedByCountry, ['executions_count', 'unique_users_count']),
  countryShares,
  membershipReport,
  servicesReport,
  reconciliationReport,
  completenessReport,
  timeSeries,
];

function sumOf(rows: readonly Row[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column] ?? 0), 0);
}

function exact(figure: string, reported: unknown, truth: string | number | null): Comparison {
  return { figure, reported: cell(reported), truth, tolerance: 0 };
}

function hours(figure: string, reported: unknown, truth: number | null): Comparison {
  return { figure, reported: cell(reported), truth, tolerance: hoursTolerance };
}

function cell(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
