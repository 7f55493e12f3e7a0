import { type OscarQuery } from '../../types';

export interface Example {
  title: string;
  explanation: string;
  /** Without refId: the editor that takes the example over keeps its own. */
  query: Omit<OscarQuery, 'refId'>;
}

/** Questions that people ask, ready to run. */
export const examples: readonly Example[] = [
  {
    title: 'Usage in one row',
    explanation: 'Requests, users, countries, services, CPU and GPU hours for the range.',
    query: { queryType: 'summary' },
  },
  {
    title: 'Usage per month, for a report',
    explanation: 'One row for each calendar month; choose a range of whole months.',
    query: { queryType: 'summary', interval: 'month' },
  },
  {
    title: 'Requests over time',
    explanation: 'A time series of synchronous, asynchronous and exposed requests.',
    query: { queryType: 'summary', format: 'timeseries', interval: 'auto' },
  },
  {
    title: 'Services, most used first',
    explanation: 'Requests, users, countries and hours of each service, with its user ids.',
    query: { queryType: 'breakdown', groupBy: 'service', includeUsers: true },
  },
  {
    title: 'Users, most active first',
    explanation: 'Executions, services and membership of each user.',
    query: { queryType: 'breakdown', groupBy: 'user' },
  },
  {
    title: 'CPU hours of each service, per month',
    explanation: 'A single metric. Hours add up across periods; users and countries do not.',
    query: { queryType: 'metric', metric: 'cpu-hours', interval: 'month' },
  },
  {
    title: 'Countries and their shares',
    explanation: 'Shares of the requests whose country is known; the others are in the row "unknown".',
    query: { queryType: 'country' },
  },
  {
    title: 'Members and external users',
    explanation: 'By authentication method where it is logged, else by roster and rules.',
    query: { queryType: 'membership' },
  },
  {
    title: 'Deployed and deleted services',
    explanation: 'When each service was first and last seen.',
    query: { queryType: 'services' },
  },
  {
    title: 'State of the data',
    explanation: 'Which source is complete, partial or missing, since when, and which metrics that affects.',
    query: { queryType: 'completeness' },
  },
  {
    title: 'Do the reports agree?',
    explanation: 'The same figure from the summary and from the breakdowns; the difference should be 0.',
    query: { queryType: 'reconciliation' },
  },
];
