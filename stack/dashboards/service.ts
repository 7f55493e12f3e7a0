import { map, requestsByType, series } from './charts';
import { dashboard, oneVariable, rowsVariable } from './dashboard';
import { completenessLine, row, stat, table } from './panels';

const services = ['${service}'];

/** One service. */
export const service = dashboard({
  name: 'service',
  title: 'OSCAR usage of a service',
  description: 'One service of an OSCAR cluster: its requests, hours, users and countries over time.',
  range: { from: 'now-30d', to: 'now' },
  variables: [oneVariable('service', 'Service', { list: 'services' }), rowsVariable(100, 1000)],
  leadsTo: ['overview', 'monthly', 'operator'],
  panels: [
    stat(
      {
        id: 1,
        title: 'Requests',
        at: [0, 0, 10, 4],
        description:
          'Sync and async requests to the service in the range, whether they succeeded or failed. Total = sync + async. Exposed requests reach the service through the ingress controller and are not part of the total. Rejected requests belong to no service: nobody knows whether it was meant. A name in brackets, such as (others), is no service and has no requests here.',
      },
      { queryType: 'summary', services },
      {
        requests_count_total: 'Total',
        requests_count_sync: 'Sync',
        requests_count_async: 'Async',
        requests_count_exposed: 'Exposed',
      }
    ),
    stat(
      {
        id: 2,
        title: 'Failed',
        at: [10, 0, 4, 4],
        description:
          'Sync and async requests that were processed and answered with a status of 400 or above. They are part of the total.',
      },
      { queryType: 'summary', services },
      { requests_count_failed: '' }
    ),
    stat(
      {
        id: 3,
        title: 'Users',
        at: [14, 0, 5, 4],
        description:
          'Distinct users with a sync or async request to the service in the range. Technical users are counted; requests without a user count as one, (none).',
      },
      { queryType: 'summary', services },
      { users_count: '' }
    ),
    stat(
      {
        id: 4,
        title: 'Countries',
        at: [19, 0, 5, 4],
        description:
          'Distinct countries with a sync or async request to the service in the range. Requests whose country is unknown belong to no country.',
      },
      { queryType: 'summary', services },
      { countries_count: '' }
    ),
    stat(
      {
        id: 5,
        title: 'CPU and GPU hours',
        at: [0, 4, 10, 4],
        description:
          'CPU time that the containers of the service used in the range, and its GPU hours, both from Prometheus. GPU hours are unknown, not 0, if no exporter reports them.',
      },
      { queryType: 'summary', services },
      { cpu_hours_total: 'CPU', gpu_hours_total: 'GPU' },
      'hours'
    ),
    table(
      {
        id: 6,
        title: 'First and last use',
        at: [10, 4, 14, 4],
        description:
          'Whether the service is deployed now, and its first and last request in the range, in the time zone of the dashboard. No row: it is neither deployed nor was it used.',
      },
      { queryType: 'services', services },
      { only: ['service', 'active', 'first_seen', 'last_seen', 'completeness', 'completeness_notes'] }
    ),
    completenessLine(
      {
        id: 7,
        title: 'Completeness',
        at: [0, 8, 24, 3],
        description:
          'What is incomplete about the figures above, in one line; nothing when every source covers the whole range. The dashboard Sources has the details, and what to do.',
      },
      {
        queryType: 'summary',
        services,
        columns: [
          'cpu_hours_total',
          'gpu_hours_total',
          'requests_count_total',
          'requests_count_exposed',
          'countries_count',
          'users_count',
        ],
      }
    ),
    requestsByType(
      {
        id: 8,
        title: 'Requests over time',
        at: [0, 11, 24, 9],
        description:
          'Sync, async and exposed requests to the service per hour or day, depending on the length of the range. A bucket without requests is 0; a bucket whose logs could not be read is empty and shaded. Exposed requests are drawn as a line, because they are not part of the total.',
      },
      { services }
    ),
    series(
      {
        id: 9,
        title: 'CPU hours over time',
        at: [0, 20, 12, 9],
        description:
          'CPU hours that the service used per hour or day. The buckets add up to the figure for the range; an empty one is unknown, not 0.',
      },
      { services, queryType: 'metric', metric: 'cpu-hours' },
      { shown: 'hours' }
    ),
    series(
      {
        id: 10,
        title: 'GPU hours over time',
        at: [12, 20, 12, 9],
        description:
          'GPU hours of the service per hour or day: the time for which GPUs were allocated or busy, depending on the exporter of the cluster. Empty if none reports it.',
      },
      { services, queryType: 'metric', metric: 'gpu-hours' },
      { shown: 'hours' }
    ),
    map(
      {
        id: 11,
        title: 'Where requests come from',
        at: [0, 29, 11, 12],
        description:
          'Sync and async requests to the service by country of the address of the caller. Requests whose country is unknown are not on the map, but in the table.',
      },
      { services }
    ),
    table(
      {
        id: 12,
        title: 'Requests by country',
        at: [11, 29, 13, 12],
        description:
          'Sync and async requests to the service by country (ISO 3166-1 alpha-2). Share is of its requests with a known country; unknown is a row without a share. Rows beyond the number selected above are combined as (others).',
      },
      { services, limit: '${rows}', queryType: 'country', columns: ['country_name', 'request_count', 'percentage'] }
    ),
    row(13, 'Users', 41, [
      table(
        {
          id: 14,
          title: 'Members and external users',
          at: [0, 42, 10, 10],
          description:
            'Users of the service and their sync and async requests by membership, as the rules in the options of the data source decide it. Share is of all requests to the service.',
        },
        { services, queryType: 'membership' }
      ),
      table(
        {
          id: 15,
          title: 'Usage by user',
          at: [10, 42, 14, 10],
          description:
            'One row per user with a sync or async request to the service in the range, as logged by the manager; (none) stands for an empty user. Rows beyond the number selected above are combined as (others).',
        },
        {
          services,
          limit: '${rows}',
          queryType: 'breakdown',
          groupBy: 'user',
          columns: ['membership', 'executions_count', 'requests_count_sync', 'requests_count_async'],
        }
      ),
    ]),
  ],
});
