import { alpha3ToAlpha2, getName, getSimpleAlpha2Code, isValid, registerLocale } from 'i18n-iso-countries';
import english from 'i18n-iso-countries/langs/en.json';

registerLocale(english);

/** Names that GeoIP databases use and the ISO list does not (MaxMind's GeoLite2 country names). */
const geoipNames: ReadonlyMap<string, string> = new Map([
  ['brunei', 'BN'],
  ['cabo verde', 'CV'],
  ['congo republic', 'CG'],
  ['dr congo', 'CD'],
  ['falkland islands', 'FK'],
  ['laos', 'LA'],
  ['moldova', 'MD'],
  ['sint maarten', 'SX'],
  ['syria', 'SY'],
  ['u.s. virgin islands', 'VI'],
  ['vatican city', 'VA'],
  ['viet nam', 'VN'],
]);

/** Key of requests whose country is absent or can't be read (contract rule 7). */
export const unknownCountry = 'unknown';

/** Labels that may carry a country, in order of trust; the first non-empty one decides (contract rule 7). */
export const countryLabels = ['geoip_country_code', 'geoip_country_name', 'country', 'country_code'] as const;

/** Upper-case ISO 3166-1 alpha-2 code of a code (alpha-2 or alpha-3, any case) or an English name, else `unknown`. */
export function toCountryCode(text: string): string {
  const value = text.trim();
  const upper = value.toUpperCase();
  if (/^[A-Z]{2}$/.test(upper)) {
    return isValid(upper) ? upper : unknownCountry;
  }
  if (/^[A-Z]{3}$/.test(upper)) {
    const code = alpha3ToAlpha2(upper);
    if (code) {
      return code;
    }
  }
  const name = value.replace(/^the /i, '');
  return geoipNames.get(name.toLowerCase()) ?? getSimpleAlpha2Code(name, 'en') ?? unknownCountry;
}

/** What the labels of a log stream say of the country: the first non-empty one, or nothing. */
export function countryText(labels: Readonly<Record<string, string | undefined>>): string {
  for (const name of countryLabels) {
    const value = labels[name];
    if (value?.trim()) {
      return value;
    }
  }
  return '';
}

/** Country of a log stream, from its labels. */
export function countryOf(labels: Readonly<Record<string, string | undefined>>): string {
  return toCountryCode(countryText(labels));
}

/** English short name of an alpha-2 code; `unknown` stays as it is. */
export function countryName(code: string): string {
  return getName(code, 'en', { select: 'official' }) ?? code;
}
