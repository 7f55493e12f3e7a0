import countries from 'i18n-iso-countries';
import english from 'i18n-iso-countries/langs/en.json';

countries.registerLocale(english);

/** Where OSCAR's users are, most of them first; the rest of the world follows in alphabetical order. */
const byPopularity = (
  'ES IT PT DE FR GR NL PL BG SI SK HR TR CZ AT BE HU RO SE FI NO DK IE GB CH UA EE LV LT RS ' +
  'US BR MX AR CL CO CA CN IN JP AU KR ZA MA TN EG IL TW SG NZ'
).split(' ');

/** The first `count` countries by popularity, as ISO 3166-1 alpha-2 codes. */
export function countryCodes(count: number): string[] {
  const rest = Object.keys(countries.getAlpha2Codes())
    .filter((code) => !byPopularity.includes(code))
    .sort();
  return [...byPopularity, ...rest].slice(0, count);
}

/** English name of a country, as a GeoIP database would write it into `geoip_country_name`. */
export function countryName(code: string): string {
  const name = countries.getName(code, 'en');
  if (name === undefined) {
    throw new RangeError(`${code} is not an ISO 3166-1 alpha-2 code`);
  }
  return name;
}
