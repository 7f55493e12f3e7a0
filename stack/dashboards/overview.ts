import { largest, map, requestsByType, series } from './charts';
import { dashboard, rowsVariable, servicesVariable } from './dashboard';
import { completenessLine, row, stat, table } from './panels';

const services = ['${service}'];

/** The answers first, on one screen; below it, by service, user and country. */
export const overview = dashboard({
  name: 'overview',
  title: 'OSCAR usage overview',
  description:
    'Usage of an OSCAR cluster: requests, services, users, countries, CPU and GPU hours, and how complete the data is.',
  range: { from: 'now-30d', to: 'now' },
  variables: [servicesVariable, rowsVariable(100, 1000)],
  leadsTo: ['monthly', 'service', 'user', 'country', 'operator'],
  panels: [
    stat(
      {
        id: 1,
        title: 'Requests',
        at: [0, 0, 10, 4],
        description:
          'Executions requested from the OSCAR manager in the range: one POST to /run/<service> (sync) or /job/<service> (async) is one request, whether it succeeded or failed; rejected requests are counted separately. Total = sync + async. Exposed requests, which reach a service through the ingress controller, are counted separately and never part of the total. Both ends of the range are inclusive.',
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
        id: 27,
        title: 'Failed and rejected',
        at: [10, 0, 6, 4],
        description:
          'Failed: requests to the manager that were processed and answered with a status of 400 or above; they are part of the total. Rejected: requests that nobody processed, including exposed ones, whatever service they name; unknown when services are selected. A request was not processed if its status is 401, 403, 404 or 405, or if it is of the user oscar with status 400 or 502. Changed in this version: such requests used to be part of requests, executions, users, countries and services; set the option rejectedRequests to count to get the former figures.',
      },
      { queryType: 'summary', services },
      { requests_count_rejected: 'Rejected', requests_count_failed: 'Failed' }
    ),
    stat(
      {
        id: 2,
        title: 'Services',
        at: [16, 0, 8, 4],
        description:
          'Active now: services deployed at this moment, whatever the range. Seen: services with a request of any kind (except rejected ones) or CPU time in the range, including deleted services.',
      },
      { queryType: 'summary', services },
      { services_count_active: 'Active now', services_count_total: 'Seen' }
    ),
    stat(
      {
        id: 4,
        title: 'CPU and GPU hours',
        at: [0, 4, 9, 4],
        description:
          "CPU time that the services' containers used in the range, and GPU hours, both from Prometheus. They equal the sums of the table by service, including usage that cannot be attributed to a service. GPU hours are unknown, not 0, if no exporter reports them.",
      },
      { queryType: 'summary', services },
      { cpu_hours_total: 'CPU', gpu_hours_total: 'GPU' },
      'hours'
    ),
    stat(
      {
        id: 5,
        title: 'Users',
        at: [9, 4, 5, 4],
        description:
          'Distinct users with a sync or async request in the range, as logged by the manager. Technical users such as oscar, nil or minio are counted, and requests without a user count as (none); rejected requests have no user. Users are never added up across periods or services.',
      },
      { queryType: 'summary', services },
      { users_count: '' }
    ),
    stat(
      {
        id: 6,
        title: 'Countries',
        at: [14, 4, 5, 4],
        description:
          'Distinct countries with a sync or async request in the range. Requests whose country is unknown belong to no country.',
      },
      { queryType: 'summary', services },
      { countries_count: '' }
    ),
    stat(
      {
        id: 7,
        title: 'Known country',
        at: [19, 4, 5, 4],
        description:
          'Share of the sync and async requests whose country is known. Requests from private addresses never have one. Below the share that the option attributionThreshold sets (95 %), the country figures are flagged as partial.',
      },
      { queryType: 'summary', services },
      { attribution_percent: '' },
      'percent'
    ),
    completenessLine(
      {
        id: 3,
        title: 'Completeness',
        at: [0, 8, 24, 3],
        description:
          'What is incomplete about the figures on this page, in one line; nothing when every source covers the whole range. ok: the whole range was read. partial: some of it was not, or some of the data is in doubt. missing: a source delivered nothing. The table Sources at the bottom has the details, and what to do.',
      },
      {
        queryType: 'summary',
        services,
        columns: [
          'services_count_active',
          'services_count_total',
          'cpu_hours_total',
          'gpu_hours_total',
          'requests_count_total',
          'requests_count_exposed',
          'users_count',
          'countries_count',
        ],
      }
    ),
    requestsByType(
      {
        id: 8,
        title: 'Requests over time by type',
        at: [0, 11, 24, 9],
        description:
          'Sync, async and exposed requests per hour or day, depending on the length of the range. A bucket without requests is 0; a bucket whose logs could not be read is empty and shaded. Exposed requests are drawn as a line, because they are not part of the total.',
      },
      { services }
    ),
    row(9, 'Services', 20),
    largest(
      {
        id: 10,
        title: 'Most used services',
        at: [0, 21, 8, 11],
        description:
          'The ten services with the most sync and async requests in the range, largest first. Exposed requests are not included.',
      },
      {
        queryType: 'breakdown',
        groupBy: 'service',
        services,
        limit: 10,
        columns: ['requests_count_total', 'requests_count_sync', 'requests_count_async'],
      }
    ),
    series(
      {
        id: 12,
        title: 'Requests over time by service',
        at: [8, 21, 16, 11],
        description:
          'Sync and async requests of each service over time. A bucket without requests is 0; a bucket whose logs could not be read is empty. The ten largest services over the range have a series each; (others) is the sum of the rest.',
      },
      { services, limit: 10, queryType: 'breakdown', groupBy: 'service', columns: ['requests_count_total'] }
    ),
    table(
      {
        id: 11,
        title: 'Usage by service',
        at: [0, 32, 24, 10],
        description:
          'One row per service seen in the range. Requests = sync + async; users and failed requests are about these. CPU and GPU hours come from Prometheus. (invalid) stands for requests to names that no service can have, (unattributed) for usage that cannot be attributed to a service, (rejected) for requests that nobody processed: the rows always sum to the totals above. Countries have their own table below. Rows beyond the number selected above are combined as (others): sums, and distinct users recounted.',
      },
      {
        services,
        limit: '${rows}',
        queryType: 'breakdown',
        groupBy: 'service',
        columns: [
          'requests_count_total',
          'requests_count_sync',
          'requests_count_async',
          'requests_count_exposed',
          'unique_users_count',
          'cpu_hours',
          'gpu_hours',
          'requests_count_rejected',
          'requests_count_failed',
          'gpu_hours_active',
          'gpu_hours_allocated',
        ],
      }
    ),
    row(13, 'CPU and GPU hours', 42),
    series(
      {
        id: 14,
        title: 'CPU hours over time by service',
        at: [0, 43, 12, 9],
        description:
          'CPU hours that each service used over time. The buckets add up to the figure for the range. The ten largest services over the range have a series each; (others) is the sum of the rest.',
      },
      { services, limit: 10, queryType: 'metric', metric: 'cpu-hours' },
      { shown: 'hours' }
    ),
    series(
      {
        id: 15,
        title: 'GPU hours over time by service',
        at: [12, 43, 12, 9],
        description:
          "GPU hours of each service over time: the time for which GPUs were allocated or busy, depending on the cluster's exporter. Empty if none reports it. The ten largest services over the range have a series each; (others) is the sum of the rest.",
      },
      { services, limit: 10, queryType: 'metric', metric: 'gpu-hours' },
      { shown: 'hours' }
    ),
    row(16, 'Users', 52, [
      table(
        {
          id: 17,
          title: 'Members and external users',
          at: [0, 53, 10, 10],
          description:
            'Users and their sync and async requests by membership. member: the user authenticated with OIDC or is on the roster. external: service tokens and technical users. unknown: neither is known. The rules are options of the data source. Share is of all these requests.',
        },
        { services, queryType: 'membership' }
      ),
      table(
        {
          id: 18,
          title: 'Usage by user',
          at: [10, 53, 14, 10],
          description:
            'One row per user with a sync or async request in the range. Requests = sync + async. Users are shown as logged by the manager; (none) stands for an empty one. Countries have their own table below. Rows beyond the number selected above are combined as (others): sums, and distinct services recounted.',
        },
        {
          services,
          limit: '${rows}',
          queryType: 'breakdown',
          groupBy: 'user',
          columns: ['membership', 'executions_count', 'requests_count_sync', 'requests_count_async', 'services_count'],
        }
      ),
      table(
        {
          id: 29,
          title: 'Countries by user',
          at: [0, 63, 24, 10],
          description:
            'The countries of the sync and async requests of each user, as CODE:requests, largest first. Requests whose country is unknown are not shown. Rows beyond the number selected above are combined as (others).',
        },
        {
          services,
          limit: '${rows}',
          queryType: 'breakdown',
          groupBy: 'user',
          columns: ['executions_count', 'countries'],
        }
      ),
    ]),
    row(19, 'Countries', 53),
    map(
      {
        id: 20,
        title: 'Where requests come from',
        at: [0, 54, 11, 12],
        description:
          "Sync and async requests in the range by country of the client's address. Requests whose country is unknown are not on the map, but in the table. The outlines of the countries are part of Grafana; nothing is loaded from elsewhere.",
      },
      { services }
    ),
    table(
      {
        id: 21,
        title: 'Requests by country',
        at: [11, 54, 13, 12],
        description:
          'Sync and async requests by country (ISO 3166-1 alpha-2). Share is of the requests with a known country and sums to 100 %; unknown is a separate row without a share. Rows beyond the number selected above are combined as (others).',
      },
      { services, limit: '${rows}', queryType: 'country', columns: ['country_name', 'request_count', 'percentage'] }
    ),
    table(
      {
        id: 28,
        title: 'Countries by service',
        at: [0, 66, 24, 10],
        description:
          'The countries of the sync and async requests to each service, as CODE:requests, largest first. Requests whose country is unknown are not shown. Rows beyond the number selected above are combined as (others).',
      },
      {
        services,
        limit: '${rows}',
        queryType: 'breakdown',
        groupBy: 'service',
        columns: ['requests_count_total', 'countries'],
      }
    ),
    row(22, 'Service inventory', 76),
    table(
      {
        id: 23,
        title: 'Services deployed and seen',
        at: [0, 77, 24, 10],
        description:
          'One row per service that is deployed now or was seen in the range. First and last use are those in the range, in the time zone of the dashboard. Rows beyond the number selected above are combined as (others).',
      },
      { services, limit: '${rows}', queryType: 'services' }
    ),
    row(24, 'Completeness of these figures', 87),
    table(
      {
        id: 25,
        title: 'Sources',
        at: [0, 88, 24, 9],
        description:
          'One row per source. Covered is the share of the range that the source covers, from the first to the last covered time, in the time zone of the dashboard; Affects names the metrics that depend on the source, and the notes say what is known about it and what to do. An optional source that nobody configured is ok: nothing is lost.',
      },
      { services, queryType: 'completeness' }
    ),
    table(
      {
        id: 26,
        title: 'Reconciliation',
        at: [0, 97, 24, 9],
        description:
          'Figures that appear in several reports, side by side. difference is 0 when all of them agree; anything else is an error.',
      },
      { services, queryType: 'reconciliation' }
    ),
  ],
});
