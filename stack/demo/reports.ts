import { type OscarQuery } from '../../src/types';
import {
  expectedByCountry,
  expectedByService,
  expectedByUser,
  expectedSummary,
  type Range,
  type Truth,
} from '../traffic';
import { type Comparison } from './comparison';
import { type Row } from './rows';

/** One query of the demo, and how its rows compare with the truth. */
export interface DemoReport {
  title: string;
  target: Omit<OscarQuery, 'refId'>;
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

export const demoReports: readonly DemoReport[] = [
  summaryReport,
  serviceMetrics,
  breakdownReport('service', expectedByService, [
    'requests_count_total',
    'requests_count_sync',
    'requests_count_async',
    'requests_count_exposed',
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
];

function exact(figure: string, reported: unknown, truth: string | number | null): Comparison {
  return { figure, reported: cell(reported), truth, tolerance: 0 };
}

function hours(figure: string, reported: unknown, truth: number | null): Comparison {
  return { figure, reported: cell(reported), truth, tolerance: hoursTolerance };
}

function cell(value: unknown): string | number | null {
  return typeof value === 'string' || typeof value === 'number' ? value : null;
}
