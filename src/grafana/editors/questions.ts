import { type QueryType } from '../../core/query';

export interface Question {
  /** What the query type answers, as a person would ask it. */
  title: string;
  description: string;
}

/** The query types in words, in the order in which they are offered. */
export const questions: Readonly<Record<QueryType, Question>> = {
  summary: {
    title: 'How much was it used?',
    description: 'Requests, users, countries, services, CPU and GPU hours of the whole cluster',
  },
  breakdown: {
    title: 'Which services, users or countries used it?',
    description: 'One row per service, user or country, largest first',
  },
  metric: {
    title: 'What is the figure of each service?',
    description: 'One figure, or all of them, for every service',
  },
  country: {
    title: 'Where did the requests come from?',
    description: 'Requests and their share per country',
  },
  membership: {
    title: 'Were they members or external users?',
    description: 'Users and requests by membership',
  },
  services: {
    title: 'Which services are there?',
    description: 'Services deployed now or seen in the range, when first and when last',
  },
  completeness: {
    title: 'Is the data complete?',
    description: 'State, coverage and remarks of every source',
  },
  reconciliation: {
    title: 'Do the reports agree?',
    description: 'Figures that stand in several reports, side by side',
  },
};
