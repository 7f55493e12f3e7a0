import { series } from './charts';
import { dashboard, oneVariable } from './dashboard';
import { completenessLine, table } from './panels';

const keys = ['${user}'];

/** One user: for people who may see users at all. */
export const user = dashboard({
  name: 'user',
  title: 'OSCAR usage of a user',
  description:
    'One user of an OSCAR cluster: requests, services and countries. It names users as the data source shows them.',
  range: { from: 'now-30d', to: 'now' },
  variables: [oneVariable('user', 'User', { list: 'users' })],
  leadsTo: ['overview', 'monthly', 'operator'],
  panels: [
    table(
      {
        id: 1,
        title: 'Requests of the user',
        at: [0, 0, 24, 4],
        description:
          'Sync and async requests of the user in the range, whether they succeeded or failed, the services that they were to, and their countries as CODE:requests; requests whose country is unknown are not in that cell. No row: the user has no request, is hidden by the options of the data source, or is none, as (others).',
      },
      {
        queryType: 'breakdown',
        groupBy: 'user',
        keys,
        columns: [
          'membership',
          'executions_count',
          'requests_count_sync',
          'requests_count_async',
          'services_count',
          'countries',
        ],
      },
      { looks: { key: { leadsTo: undefined }, countries: { minWidth: 160 } } }
    ),
    completenessLine(
      {
        id: 2,
        title: 'Completeness',
        at: [0, 4, 24, 3],
        description:
          'What is incomplete about requests and countries in the range, in one line; nothing when the logs cover all of it. The dashboard Sources has the details, and what to do.',
      },
      { queryType: 'summary', columns: ['requests_count_total', 'countries_count'] }
    ),
    series(
      {
        id: 3,
        title: 'Requests over time',
        at: [0, 7, 24, 9],
        description:
          'Sync and async requests of the user per hour or day, depending on the length of the range. A bucket without requests is 0; a bucket whose logs could not be read is empty and shaded.',
      },
      { queryType: 'breakdown', groupBy: 'user', keys, columns: ['executions_count'] }
    ),
    table(
      {
        id: 4,
        title: 'Services that the user called',
        at: [0, 16, 24, 12],
        description:
          'Sync and async requests of the user to each service in the range, the most first. (invalid) stands for names that no service can have. The rows sum to the requests of the user, unless the options of the data source hide small groups.',
      },
      { queryType: 'metric', metric: 'requests-per-user', keys },
      { only: ['service', 'value', 'completeness', 'completeness_notes'] }
    ),
  ],
});
