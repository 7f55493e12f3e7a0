import { unknownCountry } from '../domain/countries';
import { invalidService, unattributedService } from '../domain/serviceName';
import { sourceNames } from '../domain/sources';
import { exactSum } from '../domain/sums';
import { type UsageQuery } from '../query';
import { type Work } from '../runtime/turns';
import { breakdownByCountry } from './breakdownByCountry';
import { breakdownByService } from './breakdownByService';
import { breakdownByUser } from './breakdownByUser';
import { type Cell, type Facts, type Report, type ReportContext, type Row } from './report';
import { summary } from './summary';
import { statusColumn } from './tableReport';

type Cells = Row['cells'];
type Rows = readonly Cells[];

/** The same figure in each report that has it; null where a report has none that could be compared. */
interface Figure {
  name: string;
  byService?: (rows: Rows) => Cell;
  byUser?: (rows: Rows) => Cell;
  byCountry?: (rows: Rows) => Cell;
  /** True for a figure that has a row only where it is not 0, as the row `(rejected)` of a breakdown. */
  isOccasional?: true;
}

const figures: readonly Figure[] = [
  {
    name: 'requests_count_total',
    byService: sumOf('requests_count_total'),
    byUser: sumOf('executions_count'),
    byCountry: sumOf('executions_count'),
  },
  {
    name: 'requests_count_sync',
    byService: sumOf('requests_count_sync'),
    byUser: sumOf('requests_count_sync'),
  },
  {
    name: 'requests_count_async',
    byService: sumOf('requests_count_async'),
    byUser: sumOf('requests_count_async'),
  },
  { name: 'requests_count_exposed', byService: sumOf('requests_count_exposed') },
  // People are never added up over services or countries (contract rule 8), but each user is one row.
  { name: 'users_count', byUser: (rows) => rows.length },
  { name: 'countries_count', byCountry: countOf('key', [unknownCountry]) },
  { name: 'services_count_total', byService: countServices },
  { name: 'cpu_hours_total', byService: sumOf('cpu_hours') },
  { name: 'gpu_hours_total', byService: sumOf('gpu_hours') },
  { name: 'requests_count_rejected', byService: sumOf('requests_count_rejected'), isOccasional: true },
  { name: 'requests_count_failed', byService: sumOf('requests_count_failed'), isOccasional: true },
];

/** Hours are sums of the same numbers in another order, which differ in their last digits. */
const roundingPerHour = 1e-9;

/** What the summary's column of a figure depends on, the figure depends on everywhere. */
const sourcesByFigure = new Map(
  figures.map(({ name }) => [name, totalsColumns().find((column) => column.name === name)?.sources ?? []])
);
const sources = sourceNames.filter((source) => [...sourcesByFigure.values()].some((own) => own.includes(source)));

/** Proves that the reports agree: each figure as each of them has it (contract, "reconciliation"; mission, SC-002). */
export const reconciliation: Report = {
  columns: () => [
    { name: 'figure', type: 'text', role: 'key', sources },
    { name: 'summary', type: 'number', sources },
    { name: 'by_service', type: 'number', sources },
    { name: 'by_user', type: 'number', sources },
    { name: 'by_country', type: 'number', sources },
    { name: 'difference', type: 'number', sources },
    statusColumn(sources),
  ],
  order: 'fixed',
  showsRemarks: true,
  rows: rowsOf,
};

function* rowsOf(facts: Facts, context: ReportContext): Work<Row[]> {
  const [totals = {}] = yield* cellsOf(summary, facts, context);
  const services = yield* cellsOf(breakdownByService, facts, context);
  const users = yield* cellsOf(breakdownByUser, facts, context, userColumns);
  const countries = yield* cellsOf(breakdownByCountry, facts, context);
  const rows = figures.map(({ name, byService, byUser, byCountry }) => {
    const total = totals[name] ?? null;
    // What the summary can't say, because its source is missing, the breakdowns can't say either.
    const of = (value: ((rows: Rows) => Cell) | undefined, rows: Rows) =>
      value && total !== null ? value(rows) : null;
    const parts = [of(byService, services), of(byUser, users), of(byCountry, countries)] as const;
    return {
      sources: sourcesByFigure.get(name) ?? sources,
      cells: {
        figure: name,
        summary: total,
        by_service: parts[0],
        by_user: parts[1],
        by_country: parts[2],
        difference: largestDifference(total, parts),
      },
    };
  });
  return rows.filter(({ cells }, index) => !figures[index]?.isOccasional || cells.summary);
}

/** What of each user is compared; the rest of a breakdown of ten thousand would take long. */
const userColumns = ['executions_count', 'requests_count_sync', 'requests_count_async'];

function totalsColumns() {
  return summary.columns({ queryType: 'summary' });
}

/** All rows of a report, users by user however they are shown, and none left out; the columns of the query are those of this report. */
function* cellsOf(report: Report, facts: Facts, context: ReportContext, columns?: string[]): Work<Cells[]> {
  const query: UsageQuery = { ...context.query, format: 'table', columns };
  return (yield* report.rows(facts, { ...context, shownUsers: undefined, smallestGroup: 0, query })).map(
    ({ cells }) => cells
  );
}

function sumOf(column: string) {
  return (rows: Rows): Cell => exactSum(rows.map((cells) => Number(cells[column] ?? 0)));
}

function countOf(column: string, except: readonly string[]) {
  return (rows: Rows): Cell => rows.filter((cells) => !except.includes(String(cells[column]))).length;
}

/** Services with a request of any kind or CPU time (contract rule 10). */
function countServices(rows: Rows): number {
  return rows.filter(
    ({ key, requests_count_total, requests_count_exposed, cpu_hours }) =>
      key !== invalidService &&
      key !== unattributedService &&
      [requests_count_total, requests_count_exposed, cpu_hours].some((value) => Number(value ?? 0) > 0)
  ).length;
}

/** The largest distance of a part from the total, with its sign; 0 when it is no more than rounding. */
function largestDifference(total: Cell, parts: readonly Cell[]): number | null {
  if (typeof total !== 'number') {
    return null;
  }
  const differences = parts.flatMap((part) => (typeof part === 'number' ? [part - total] : []));
  const largest = differences.reduce((most, one) => (Math.abs(one) > Math.abs(most) ? one : most), 0);
  return Math.abs(largest) <= Math.max(1, Math.abs(total)) * roundingPerHour ? 0 : largest;
}
