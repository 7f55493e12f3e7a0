import { series } from './charts';
import { dashboard, oneVariable } from './dashboard';
import { completenessLine, table } from './panels';

const keys = ['${country}'];

/** One country. */
export const country = dashboard({
  name: 'country',
  title: 'OSCAR usage of a country',
  description:
    'The requests to an OSCAR cluster that came from one country: how many, by how many users, to which services.',
  range: { from: 'now-30d', to: 'now' },
  variables: [oneVariable('country', 'Country', { list: 'countries' })],
  leadsTo: ['overview', 'monthly', 'operator'],
  panels: [
    table(
      {
        id: 1,
        title: 'Requests from the country',
        at: [0, 0, 14, 4],
        description:
          'Sync and async requests from the country in the range, whether they succeeded or failed, and the distinct users who sent them. unknown stands for requests whose country is not known. No row: there is no request from the country.',
      },
      {
        queryType: 'breakdown',
        groupBy: 'country',
        keys,
        columns: ['country_name', 'executions_count', 'unique_users_count'],
      },
      { looks: { key: { leadsTo: undefined } } }
    ),
    table(
      {
        id: 2,
        title: 'Share of the country',
        at: [14, 0, 10, 4],
        description:
          'The share of the country in all requests with a known country. Requests whose country is unknown have none.',
      },
      { queryType: 'country', keys, columns: ['percentage'] },
      { only: ['country', 'percentage', 'completeness'], looks: { country: { leadsTo: undefined } } }
    ),
    completenessLine(
      {
        id: 3,
        title: 'Completeness',
        at: [0, 4, 24, 3],
        description:
          'What is incomplete about requests and countries in the range, in one line; nothing when both are whole. The dashboard Sources has the details, and what to do.',
      },
      { queryType: 'summary', columns: ['requests_count_total', 'countries_count'] }
    ),
    series(
      {
        id: 4,
        title: 'Requests over time',
        at: [0, 7, 24, 9],
        description:
          'Sync and async requests from the country per hour or day, depending on the length of the range. A bucket without requests is 0; a bucket whose logs could not be read is empty and shaded.',
      },
      { queryType: 'breakdown', groupBy: 'country', keys, columns: ['executions_count'] }
    ),
    table(
      {
        id: 5,
        title: 'Services called from the country',
        at: [0, 16, 24, 12],
        description:
          'Sync and async requests from the country to each service in the range, the most first. Requests whose country is unknown are not listed by service. Options of the data source may hide services with few users.',
      },
      { queryType: 'metric', metric: 'countries-list', keys },
      { only: ['service', 'value', 'completeness', 'completeness_notes'] }
    ),
  ],
});
