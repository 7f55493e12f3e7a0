import { requestsByType } from './charts';
import { type Looks } from './columns';
import { dashboard, rowsVariable } from './dashboard';
import { completenessLine, pageBreak, row, table, text } from './panels';
import { definitions, signature } from './texts';

const isPlain = true;

const requests = [
  'requests_count_total',
  'requests_count_sync',
  'requests_count_async',
  'requests_count_exposed',
  'requests_count_rejected',
  'requests_count_failed',
];
const others = [
  'services_count_total',
  'cpu_hours_total',
  'gpu_hours_total',
  'countries_count',
  'users_count',
  'attribution_percent',
];
const bounds = ['start_time', 'end_time'];
const figures = ['requests_count_total', 'requests_count_exposed', ...others.slice(0, -1)];

/** A panel of their own has the reasons of all months as a whole. */
const reasons: Looks = { completeness_notes: { minWidth: 150 } };
const month: Looks = { ...reasons, period: { title: 'Month' } };

/**
 * A month, printable, and with plain numbers in every table. A browser does not divide a table between two pages, but hides what does not fit: on A4 at the scale of
 * a window of 1280 px, a page ends about every 46 rows of the grid, where `pageBreak` leaves room.
 */
export const monthly = dashboard({
  name: 'monthly',
  title: 'OSCAR usage monthly report',
  description:
    'A report of one month or more to print or to export: the figures beside those of the month before, what they mean, and how complete they are.',
  range: { from: 'now-1M/M', to: 'now-1M/M' },
  variables: [rowsVariable(25, 100)],
  leadsTo: ['overview', 'operator'],
  panels: [
    text(
      { id: 1, title: 'Usage report', at: [0, 0, 24, 4] },
      'How much the OSCAR cluster was used, from the data source **${datasource:text}**. The period of this report is the range that is chosen above: the last full month, unless somebody changes it. ' +
        'The first table says from when to when it is, and has the month before it for comparison. For a quarter, choose *Previous fiscal quarter*: its months are the rows.\n\n' +
        'To print: *Ctrl+P*, A4, portrait, no margins, scale 62. To export a table: its menu, *Inspect* > *Data*, *Download CSV*; numbers there have no separators and no units.'
    ),
    table(
      {
        id: 2,
        title: 'Requests by month',
        at: [0, 4, 24, 5],
        description:
          'One row for each month of the report, after the month before it. Requests = sync + async; failed ones are part of them, exposed and rejected ones are not. From and To say what a row covers: a month that the range cuts off is not whole. The month before always is.',
      },
      { queryType: 'summary', interval: 'month', periodsBefore: 1, columns: [...bounds, ...requests] },
      { isPlain, looks: month }
    ),
    table(
      {
        id: 3,
        title: 'Services, hours, users and countries by month',
        at: [0, 9, 24, 5],
        description:
          'The same months. Services: those with a request or CPU time. Users and countries: distinct ones with a sync or async request, never added up over months. Known country: the share of the requests whose country is known, in percent. CPU and GPU hours come from Prometheus; an empty cell is unknown, not 0.',
      },
      { queryType: 'summary', interval: 'month', periodsBefore: 1, columns: others },
      { isPlain, looks: month }
    ),
    completenessLine(
      {
        id: 15,
        title: 'What is incomplete, by month',
        at: [0, 14, 24, 4],
        description:
          'Whether the figures of the same months are whole, and if not, why. ok: all data of the month were read. partial: some are missing or in doubt. missing: a source delivered nothing.',
      },
      {
        queryType: 'summary',
        interval: 'month',
        periodsBefore: 1,
        columns: [...requests, ...others],
      }
    ),
    requestsByType(
      {
        id: 4,
        title: 'Requests by day',
        at: [0, 18, 24, 6],
        description:
          'Sync, async and exposed requests on each day of the report. A day without requests is 0; a day whose logs could not be read is empty and shaded. Exposed requests are drawn as a line, because they are not part of the total.',
      },
      { interval: 'day' }
    ),
    table(
      {
        id: 8,
        title: 'Completeness of the sources',
        at: [0, 24, 24, 15],
        description:
          'How much of the period each source covers, in percent, and what is known about it. ok: all of it. partial: some of it is missing or in doubt. missing: nothing was delivered, and the figures that need it are empty.',
      },
      { queryType: 'completeness' },
      {
        isPlain,
        only: ['source', 'status', 'coverage_percent', 'notes'],
        looks: { coverage_percent: { isRaw: true, width: 105 }, notes: { minWidth: 200, wraps: true } },
      }
    ),
    text({ id: 11, title: 'Signature', at: [0, 39, 24, 4] }, signature),
    pageBreak(16, 43),
    table(
      {
        id: 5,
        title: 'Usage by service',
        at: [0, 46, 24, 28],
        description:
          'The services of the whole period, those with the most requests first. (invalid) stands for requests to names that no service can have, (unattributed) for usage that cannot be attributed to a service, (rejected) for requests that nobody processed: the rows sum to the totals. Rows beyond the number selected above are combined as (others).',
      },
      {
        queryType: 'breakdown',
        groupBy: 'service',
        limit: '${rows}',
        columns: [...requests, 'unique_users_count', 'cpu_hours', 'gpu_hours'],
      },
      { isPlain, looks: { ...reasons, key: { width: 190 } } }
    ),
    table(
      {
        id: 7,
        title: 'Members and external users',
        at: [0, 74, 12, 17],
        description:
          'Users and their sync and async requests by membership, without names. member: the user authenticated with OIDC or is on the roster. external: service tokens and technical users. unknown: neither is known. Share is of all these requests, in percent.',
      },
      { queryType: 'membership' },
      { isPlain }
    ),
    text({ id: 10, title: 'Definitions', at: [12, 74, 12, 17] }, definitions),
    pageBreak(17, 91),
    table(
      {
        id: 6,
        title: 'Requests by country',
        at: [0, 94, 24, 27],
        description:
          'Sync and async requests by country (ISO 3166-1 alpha-2). Share is of the requests with a known country, in percent, and sums to 100; unknown is a row without a share. Rows beyond the number selected above are combined as (others).',
      },
      { queryType: 'country', limit: '${rows}', columns: ['country_name', 'request_count', 'percentage'] },
      { isPlain, looks: { completeness_notes: { minWidth: 90 } } }
    ),
    table(
      {
        id: 9,
        title: 'Reconciliation',
        at: [0, 121, 24, 13],
        description:
          'Figures that appear in several reports, side by side. Difference is 0 when all of them agree; anything else is an error. An empty cell: the report has no such figure, or it is not known.',
      },
      { queryType: 'reconciliation' },
      {
        isPlain,
        looks: reasons,
      }
    ),
    row(12, 'Quarters, and half a year month by month (read when you open this)', 134, [
      table(
        {
          id: 13,
          title: 'By quarter',
          at: [0, 135, 24, 6],
          description:
            'The quarters of the report after the quarter before them. From and To say what a row covers: the quarter that the report ends in is cut off there, and is not whole before its last month is over.',
        },
        { queryType: 'summary', interval: 'quarter', periodsBefore: 1, columns: [...bounds, ...figures] },
        { isPlain, looks: { ...reasons, period: { title: 'Quarter' } } }
      ),
      table(
        {
          id: 14,
          title: 'The five months before, and the report',
          at: [0, 141, 24, 9],
          description:
            'One row for each month, from the fifth month before the report to its end. Logs and samples that are not kept any more make their months partial or empty, never smaller without a mark.',
        },
        { queryType: 'summary', interval: 'month', periodsBefore: 5, columns: figures },
        { isPlain, looks: month }
      ),
    ]),
  ],
});
