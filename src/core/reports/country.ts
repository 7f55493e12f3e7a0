import { sourcesOf } from '../domain/affectedMetrics';
import { countryName, unknownCountry } from '../domain/countries';
import { othersKey } from '../domain/others';
import { percentages } from '../domain/shares';
import { type Work } from '../runtime/turns';
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
  mergedBy: { key: 'country', noun: 'countries' },
  series: {
    drawn: ['request_count'],
    labels: ({ code }) => ({ country: code }),
    idle: { code: '', requests: 0, share: 0 },
  },
});

function* countriesOf({ requests, unmerged }: Facts): Work<Country[]> {
  const counts = ranked(requests?.countBy('country') ?? []);
  const shares = sharesOf((unmerged?.requests ?? requests)?.countBy('country') ?? []);
  const own = new Set(counts.map(([code]) => code));
  const ofOthers = [...shares].filter(([code]) => !own.has(code)).map(([, share]) => share);
  // Shares are rounded so that they sum to 100.0, hence those of the others are a sum of such.
  const rest = ofOthers.length > 0 ? roundedTenths(ofOthers.reduce((sum, share) => sum + share, 0)) : null;
  const shareOf = (code: string) => (unmerged && code === othersKey ? rest : (shares.get(code) ?? null));
  return counts.map(([code, count]) => ({ code, requests: count, share: shareOf(code) }));
}

/** Shares of the attributed requests by country, in percent with one decimal, without the unknown country. */
function sharesOf(counts: Iterable<readonly [string, number]>): Map<string, number> {
  const attributed = ranked(counts).filter(([code]) => code !== unknownCountry);
  const shares = percentages(attributed.map(([, count]) => count));
  return new Map(attributed.map(([code], index) => [code, shares[index] ?? 0]));
}

/** Without what adding decimal fractions leaves. */
function roundedTenths(percent: number): number {
  return Math.round(percent * 10) / 10;
}
