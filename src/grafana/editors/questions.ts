import { type QueryType } from '../../core/query';

export interface Question {
  /** What the query type answers, as a person would ask it. */
  title: string;
  description: string;
}

/** The query types in words, in the order in which they are offered. */
export const questions: Readonly<Record<QueryType, Question>> = {
  summary: {
    title: 'How much was the cluster used?',
    description: 'Requests, users, countries, services, CPU and GPU hours of the whole cluster',
  },
  breakdown: {
    title: 'Which services, users or countries used the cluster?',
    description: 'One row per service, user or country, largest first',
  },
  metric: {
    title: 'What are the metrics of each service?',
    description: 'One metric, or all of them, for every service',
  },
  country: {
    title: 'Where did the requests come from?',
    description: 'Requests and their share per country',
  },
  membership: {
    title: 'Were the users members or external?',
    description: 'Users and requests by membership',
  },
  services: {
    title: 'Which services are there?',
    description: 'Services deployed now or seen in the range, with first and last use',
  },
  completeness: {
    title: 'Is the data complete?',
    description: 'Status, coverage and notes of every source',
  },
  reconciliation: {
    title: 'Do the reports agree?',
    description: 'Figures that appear in several reports, side by side',
  },
};
