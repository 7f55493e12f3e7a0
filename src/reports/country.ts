import { sourcesOf } from '../domain/affectedMetrics';
import { countryName, unknownCountry } from '../domain/countries';
import { percentages } from '../domain/shares';
import { ranked } from './facts';
import { type Facts, type Report } from './report';
import { statusColumn, tableReport } from './tableReport';

interface Country {
  code: string;
  requests: number;
  /** Of the attributed requests, in percent; null for the unknown country (contract rule 7). */
  share: number | null;
}

const sources = sourcesOf.countries;

/** Requests by country with their shares of the attributed requests (contract, "country"; rule 7). */
export const country: Report = tableReport<Country>({
  columns: [
    { name: 'country', type: 'text', role: 'key', sources, cell: ({ code }) => code },
    { name: 'country_name', type: 'text', sources, cell: ({ code }) => countryName(code) },
    { name: 'request_count', type: 'count', sources, cell: ({ requests }) => requests },
    { name: 'percentage', type: 'percent', sources, cell: ({ share }) => share },
    statusColumn(sources),
  ],
  order: 'ranked',
  items: countriesOf,
  series: {
    drawn: ['request_count'],
    labels: ({ code }) => ({ country: code }),
    idle: { code: '', requests: 0, share: 0 },
  },
});

function countriesOf({ requests }: Facts): Country[] {
  const counts = ranked(requests?.countBy('country') ?? []);
  const attributed = counts.filter(([code]) => code !== unknownCountry);
  const shares = percentages(attributed.map(([, count]) => count));
  const shareByCode = new Map(attributed.map(([code], index) => [code, shares[index] ?? null]));
  return counts.map(([code, count]) => ({ code, requests: count, share: shareByCode.get(code) ?? null }));
}
