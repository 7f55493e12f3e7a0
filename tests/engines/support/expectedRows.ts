// What the reports must say about generated traffic, in the columns that can be compared exactly.
import { rowDifferences } from '../../../stack/conformance/compare';
import { type Row } from '../../../stack/conformance/frames';
import {
  expectedByCountry,
  expectedByService,
  expectedByUser,
  expectedSummary,
  type Range,
  type Truth,
} from '../../../stack/traffic';
import { type Answer, columnsOf, type OscarTarget } from './answers';

/** A query and what its answer must be. */
export interface ExactReport {
  target: OscarTarget;
  /** Where the answer is not the truth, as sentences; empty when all rows are equal and in order. */
  differences(answer: Answer, truth: Truth, range: Range): string[];
}

const summaryColumns = [
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
  'requests_count_rejected',
  'requests_count_failed',
] as const;

export const exactSummary: ExactReport = {
  target: { queryType: 'summary', includeUsers: true },
  differences: ({ rows }, truth, range) =>
    rowDifferences(rows, columnsOf([{ ...expectedSummary(truth, range) }], summaryColumns)),
};

const serviceColumns = [
  'key',
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'unique_users_count',
  'countries',
  'users',
  'requests_count_rejected',
  'requests_count_failed',
] as const;

export const exactByService: ExactReport = {
  target: { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  differences: ({ rows }, truth, range) =>
    rowDifferences(rows, columnsOf(rowsFrom(expectedByService(truth, range)), serviceColumns)),
};

const userColumns = [
  'key',
  'executions_count',
  'requests_count_sync',
  'requests_count_async',
  'services_count',
  'countries',
] as const;

export const exactByUser: ExactReport = {
  target: { queryType: 'breakdown', groupBy: 'user' },
  differences: ({ rows }, truth, range) =>
    rowDifferences(rows, columnsOf(rowsFrom(expectedByUser(truth, range)), userColumns)),
};

const countryColumns = ['key', 'executions_count', 'unique_users_count'] as const;

const exactByCountry: ExactReport = {
  target: { queryType: 'breakdown', groupBy: 'country' },
  differences: ({ rows }, truth, range) =>
    rowDifferences(rows, columnsOf(rowsFrom(expectedByCountry(truth, range)), countryColumns)),
};

/** The exact ones among the metrics of a service, and the column of the breakdown with the same figure. */
const columnByMetric = {
  'requests-sync-per-service': 'requests_count_sync',
  'requests-async-per-service': 'requests_count_async',
  'requests-exposed-per-service': 'requests_count_exposed',
  'users-per-service': 'unique_users_count',
} as const;

const exactMetrics: ExactReport = {
  target: { queryType: 'metric' },
  differences({ rows }, truth, range) {
    // Rejected requests have no metric of their own.
    const ofServices = expectedByService(truth, range).filter(({ key }) => key !== '(rejected)');
    const services = ofServices.sort((a, b) => (a.key < b.key ? -1 : 1));
    return rowDifferences(
      rows.filter(({ metric }) => String(metric) in columnByMetric),
      services.flatMap((service) =>
        Object.entries(columnByMetric).map(([metric, column]) => ({
          service: service.key,
          metric,
          value: service[column],
        }))
      )
    );
  },
};

export const exactReports: readonly ExactReport[] = [
  exactSummary,
  exactByService,
  exactByUser,
  exactByCountry,
  exactMetrics,
];

/** Rows of an interface have no index signature, which a spread gives them. */
function rowsFrom(rows: readonly object[]): Row[] {
  return rows.map((row) => ({ ...row }));
}
