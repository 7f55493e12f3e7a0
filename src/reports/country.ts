import { countryName, unknownCountry } from '../domain/countries';
import { percentages } from '../domain/shares';
import { type SourceName } from '../domain/sources';
import { ranked } from './facts';
import { type Report } from './report';
import { pointsOf } from './series';

const sources: readonly SourceName[] = ['request-logs', 'country-attribution'];

/** Requests by country with their shares of the attributed requests (contract, "country"; rule 7). */
export const country: Report = {
  needs: () => ({ requests: true, exposed: false, cpu: false, gpu: false, inventory: false }),

  sources: () => sources,

  columns: () => [
    { name: 'country', type: 'text' },
    { name: 'country_name', type: 'text' },
    { name: 'request_count', type: 'count' },
    { name: 'percentage', type: 'percent' },
    { name: 'completeness', type: 'text' },
  ],

  rows({ requests }) {
    const counts = ranked(requests?.countBy('country') ?? []);
    const attributed = counts.filter(([code]) => code !== unknownCountry);
    const shares = percentages(attributed.map(([, count]) => count));
    const shareByCode = new Map(attributed.map(([code], index) => [code, shares[index] ?? null]));
    return counts.map(([code, count]) => ({
      sources,
      cells: {
        country: code,
        country_name: countryName(code),
        request_count: count,
        percentage: shareByCode.get(code) ?? null,
      },
    }));
  },

  series: ({ requests }) =>
    pointsOf(ranked(requests?.countBy('country') ?? []), { name: 'request_count', label: 'country', sources }),
};
