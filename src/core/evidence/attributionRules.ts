import { unknownCountry } from '../domain/countries';
import { attributionPercent } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type Rule } from './rule';

/** Below this share of requests with a country, the attribution is not whole (mission, SC-003). */
const wholeAttribution = 0.95;

/** Requests carry no country at all: countries are not known, which is not the same as none. */
const noCountries: Rule<KeyCounts> = {
  name: 'no-countries',
  judge: (keys) =>
    keys.total > 0 && attributed(keys) === 0 ? [{ effect: 'unusable', note: 'no request has a known country' }] : [],
};

const fewCountries: Rule<KeyCounts> = {
  name: 'few-countries',
  judge: (keys) =>
    attributed(keys) > 0 && attributed(keys) < keys.total * wholeAttribution
      ? [{ effect: 'doubt', note: `${attributionPercent(keys)} % of the requests have a known country` }]
      : [],
};

/** The rules for countries, which come on top of those for the request lines. */
export const attributionRules: ReadonlyArray<Rule<KeyCounts>> = [noCountries, fewCountries];

function attributed(keys: KeyCounts): number {
  return keys.total - keys.countOf('country', unknownCountry);
}
