import { type BreakdownKey, type UsageQuery } from '../query';
import { breakdownByCountry } from './breakdownByCountry';
import { breakdownByService } from './breakdownByService';
import { breakdownByUser } from './breakdownByUser';
import { type Report } from './report';

const byKey: Readonly<Record<BreakdownKey, Report>> = {
  service: breakdownByService,
  user: breakdownByUser,
  country: breakdownByCountry,
};

function chosen({ groupBy = 'service' }: UsageQuery): Report {
  return byKey[groupBy];
}

/** One row per service, user or country (contract, "breakdown"). */
export const breakdown: Report = {
  columns: (query) => chosen(query).columns(query),
  order: 'ranked',
  rows: (facts, context) => chosen(context.query).rows(facts, context),
  limited: {
    noun: (query) => chosen(query).limited?.noun(query) ?? 'rows',
    groupOf: () => '',
    nameOf: ({ cells }) => String(cells.key),
    isProtected: (row, facts, context) => chosen(context.query).limited?.isProtected?.(row, facts, context) ?? false,
  },
  series: {
    drawn: Object.values(byKey).flatMap(({ series }) => series?.drawn ?? []),
    *points(facts, context) {
      const { series } = chosen(context.query);
      return series ? yield* series.points(facts, context) : [];
    },
    unknown: (facts, context) => chosen(context.query).series?.unknown?.(facts, context) ?? [],
  },
};
