import { alpha2Of, isAlpha2 } from './countryCodes';
import { codeOfName, officialName } from './countryNames';

/** Key of requests whose country is absent or can't be read (contract rule 7). */
export const unknownCountry = 'unknown';

/** Labels that may carry a country, in order of trust; the first non-empty one decides (contract rule 7). */
export const countryLabels = ['geoip_country_code', 'geoip_country_name', 'country', 'country_code'] as const;

/** More than any name has, in each of two ways: a longer text is none, and reading it bit by bit would take long. */
const maxNameLength = 256;

/**
 * Upper-case ISO 3166-1 alpha-2 code of a code (alpha-2 or alpha-3, any case) or of an English name, of a country that
 * exists today; Kosovo is one (XK). "Burma (Myanmar)" and "Spain (ES)" are names, too, as all their parts mean one country.
 * Else `unknown`: codes and names that were withdrawn, those of former states, and what stands for a region, a proxy, a
 * satellite or Tor (contract rule 7).
 */
export function toCountryCode(text: string): string {
  if (text.length > maxNameLength) {
    return unknownCountry;
  }
  const code = codeForm(text);
  if (/^[A-Z]{2}$/.test(code)) {
    return codeOfAlpha2(code) ?? unknownCountry;
  }
  return codeOfOneName(text) ?? codeOfNames(text) ?? unknownCountry;
}

function codeForm(text: string): string {
  return text.trim().replace(/\./g, '').toUpperCase();
}

function codeOfOneName(text: string): string | undefined {
  return alpha2Of(codeForm(text)) ?? codeOfName(text);
}

/** The country that both X and Y of "X (Y)", "X [Y]" or "X / Y" mean; nothing when one of them means another one, or none. */
function codeOfNames(text: string): string | undefined {
  const [first, ...others] = (inBrackets(text) ?? text.split(/\/|\s[-–—]\s/)).map((part) => {
    const name = part.replace(/^\s*formerly\s/i, '');
    return codeOfOneName(name) ?? codeOfAlpha2(codeForm(name)) ?? (name === text ? undefined : codeOfNames(name));
  });
  return others.length > 0 && others.every((code) => code === first) ? first : undefined;
}

/** What stands before the brackets at the end of a text, and inside of them; nothing where there are none. */
function inBrackets(text: string): [before: string, inside: string] | undefined {
  const end = text.trimEnd().length - 1;
  for (let at = end, depth = 0; at > 0; at -= 1) {
    depth += /[)\]]/.test(text.charAt(at)) ? 1 : /[([]/.test(text.charAt(at)) ? -1 : 0;
    if (depth === 0) {
      return at < end ? [text.slice(0, at), text.slice(at + 1, end)] : undefined;
    }
  }
  return undefined;
}

function codeOfAlpha2(code: string): string | undefined {
  return isAlpha2(code) ? code : undefined;
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
  return officialName(code) ?? code;
}
