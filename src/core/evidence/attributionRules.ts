import { unknownCountry } from '../domain/countries';
import { attributionPercent } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type Rule } from './rule';

/** What is known about the countries of requests. */
export interface AttributionSubject {
  keys: KeyCounts;
  /** Percent of requests with a known country below which countries are partial (option `attributionThreshold`), 0 to 100. */
  thresholdPercent: number;
}

/** Requests carry no country at all: countries are not known, which is not the same as none. */
const noCountries: Rule<AttributionSubject> = {
  name: 'no-countries',
  judge: ({ keys }) =>
    keys.total > 0 && attributed(keys) === 0 ? [{ effect: 'unusable', note: 'no request has a known country' }] : [],
};

const fewCountries: Rule<AttributionSubject> = {
  name: 'few-countries',
  judge({ keys, thresholdPercent }) {
    const note =
      `${attributionPercent(keys)} % of the requests have a known country; ` +
      `countries are partial below ${thresholdPercent} % (option attributionThreshold)`;
    return attributed(keys) > 0 && attributed(keys) * 100 < keys.total * thresholdPercent
      ? [{ effect: 'doubt', note }]
      : [];
  },
};

/** The rules for countries, which come on top of those for the request lines. */
export const attributionRules: ReadonlyArray<Rule<AttributionSubject>> = [noCountries, fewCountries];

function attributed(keys: KeyCounts): number {
  return keys.total - keys.countOf('country', unknownCountry);
}
