import { type QueryType } from '../query';
import { breakdown } from './breakdown';
import { completeness } from './completeness';
import { country } from './country';
import { membership } from './membership';
import { metric } from './metric';
import { reconciliation } from './reconciliation';
import { type Report } from './report';
import { services } from './services';
import { summary } from './summary';

/** The reports by query type. */
export const reports: Readonly<Record<QueryType, Report>> = {
  summary,
  metric,
  breakdown,
  country,
  membership,
  services,
  completeness,
  reconciliation,
};

export const supportedQueryTypes = Object.keys(reports) as QueryType[];
