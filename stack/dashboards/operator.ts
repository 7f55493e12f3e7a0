import { series } from './charts';
import { dashboard } from './dashboard';
import { completenessLine, row, table, text } from './panels';
import { cost } from './texts';

/** For operators: what the figures are made of, and where it has gaps. The pipeline itself has a dashboard of its own in deploy/. */
export const operator = dashboard({
  name: 'operator',
  title: 'OSCAR usage sources',
  description:
    'For operators: which source was missing or partial and since when, what the figures of reports lose by that, and whether the reports agree.',
  range: { from: 'now-30d', to: 'now' },
  variables: [],
  leadsTo: ['overview', 'monthly', 'pipeline'],
  panels: [
    completenessLine(
      {
        id: 1,
        title: 'Completeness',
        at: [0, 0, 24, 3],
        description:
          'What is incomplete about the figures of the range, in one line; nothing when every source covers all of it. ok: the whole range was read. partial: some of it was not, or some of the data is in doubt. missing: a source delivered nothing.',
      },
      { queryType: 'summary' }
    ),
    table(
      {
        id: 2,
        title: 'Sources',
        at: [0, 3, 24, 10],
        description:
          'One row per source. Covered is the share of the range that the source covers, from the first to the last covered time, in the time zone of the dashboard; the notes say what is known about it, which part of it comes from usage records, and what to do. An optional source that nobody configured is ok: nothing is lost.',
      },
      { queryType: 'completeness' }
    ),
    series(
      {
        id: 3,
        title: 'Covered by source over time',
        at: [0, 13, 24, 9],
        description:
          'The share of each hour or day that a source covers, depending on the length of the range; 100 % is all of it. A source that is missing has 0, one that nobody configured has no line.',
      },
      { queryType: 'completeness' },
      { shown: 'percent' }
    ),
    table(
      {
        id: 4,
        title: 'Days that are not whole',
        at: [0, 22, 24, 11],
        description:
          'One row for each day and source that is partial or missing, with the reason. The share of known countries is judged for the whole range: see Sources. The service inventory says what is deployed now, so that it is the same on each day.',
      },
      { queryType: 'completeness', interval: 'day' },
      {
        without: [
          { column: 'status', text: 'ok' },
          { column: 'source', text: 'country-attribution' },
        ],
        nothing: 'Every day is whole',
        only: ['period', 'source', 'status', 'coverage_percent', 'notes'],
        looks: { period: { title: 'Day' } },
      }
    ),
    row(5, 'What reports cannot attribute', 33),
    table(
      {
        id: 6,
        title: 'What belongs to no service',
        at: [0, 34, 24, 6],
        description:
          'Rows of the breakdown by service that are no services. (invalid): requests to names that no service can have. (unattributed): CPU and GPU hours of pods whose service is not known; see Save & test of the data source. (rejected): requests that nobody processed. No row: there is none of it.',
      },
      {
        queryType: 'breakdown',
        groupBy: 'service',
        keys: ['(invalid)', '(unattributed)', '(rejected)'],
        columns: [
          'requests_count_total',
          'requests_count_exposed',
          'cpu_hours',
          'gpu_hours',
          'requests_count_rejected',
        ],
      },
      { looks: { key: { title: 'Row', leadsTo: undefined } } }
    ),
    table(
      {
        id: 7,
        title: 'Reconciliation',
        at: [0, 40, 24, 13],
        description:
          'Figures that appear in several reports, side by side. Difference is 0 when all of them agree; anything else is an error.',
      },
      { queryType: 'reconciliation' }
    ),
    text({ id: 8, title: 'What the answers cost', at: [0, 53, 24, 6] }, cost),
  ],
});
