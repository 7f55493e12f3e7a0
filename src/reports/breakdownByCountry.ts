import { countryName } from '../domain/countries';
import { type SourceName } from '../domain/sources';
import { ranked } from './facts';
import { type Report } from './report';
import { pointsOf } from './series';

const sources: readonly SourceName[] = ['request-logs', 'country-attribution'];

export const breakdownByCountry: Report = {
  needs: () => ({ requests: true, exposed: false, cpu: false, gpu: false, inventory: false }),

  sources: () => sources,

  columns: () => [
    { name: 'key', type: 'text' },
    { name: 'country_name', type: 'text' },
    { name: 'executions_count', type: 'count' },
    { name: 'unique_users_count', type: 'count' },
    { name: 'completeness', type: 'text' },
  ],

  rows({ requests }) {
    const byCountry = requests?.groupBy('country');
    return ranked(requests?.countBy('country') ?? []).map(([country, count]) => ({
      sources,
      cells: {
        key: country,
        country_name: countryName(country),
        executions_count: count,
        unique_users_count: byCountry?.get(country)?.distinct('user') ?? 0,
      },
    }));
  },

  series: ({ requests }) =>
    pointsOf(ranked(requests?.countBy('country') ?? []), { name: 'executions_count', label: 'country', sources }),
};
