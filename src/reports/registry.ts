import { type QueryType } from '../types';
import { breakdown } from './breakdown';
import { country } from './country';
import { membership } from './membership';
import { metric } from './metric';
import { type Report } from './report';
import { summary } from './summary';

/** The reports that exist, by query type. */
export const reports: Partial<Readonly<Record<QueryType, Report>>> = {
  summary,
  metric,
  breakdown,
  country,
  membership,
};

export const supportedQueryTypes = Object.keys(reports) as QueryType[];
