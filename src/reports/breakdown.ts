import { type BreakdownKey, type OscarQuery } from '../types';
import { breakdownByCountry } from './breakdownByCountry';
import { breakdownByService } from './breakdownByService';
import { breakdownByUser } from './breakdownByUser';
import { type Report } from './report';

const byKey: Readonly<Record<BreakdownKey, Report>> = {
  service: breakdownByService,
  user: breakdownByUser,
  country: breakdownByCountry,
};

function chosen({ groupBy = 'service' }: OscarQuery): Report {
  return byKey[groupBy];
}

/** One row per service, user or country (contract, "breakdown"). */
export const breakdown: Report = {
  needs: (query) => chosen(query).needs(query),
  sources: (query) => chosen(query).sources(query),
  columns: (query) => chosen(query).columns(query),
  rows: (facts, context) => chosen(context.query).rows(facts, context),
  series: (facts, context) => chosen(context.query).series?.(facts, context) ?? [],
};
