import english from 'i18n-iso-countries/langs/en.json';

/**
 * Names that are not among those of `i18n-iso-countries`, by code: those that GeoIP databases give, or gave once, official
 * ones of ISO 3166-1, and a few that everybody uses. Forms that are equal but for order, accents and marks are there once.
 * Of countries that exist today only, and no name of a former state: `Yemen Arab Republic` was in ISO 3166 until 1990 and
 * `Republic of Viet-Nam` until 1977, each beside the other half of the country, so that neither is the country of today.
 *
 * From MaxMind's GeoIP Legacy (the names of its C library, until 2018) and GeoLite2 (GeoLite2-Country-Locations-en.csv,
 * editions from 2013 to 2025). DB-IP publishes no list of its names: those of GeoNames and of Unicode's CLDR stand for it.
 */
const further: Readonly<Record<string, string>> = {
  AR: 'Argentine Republic',
  AX: 'Åland',
  BA: 'Bosnia',
  BL: 'St Barts',
  BN: 'Brunei|Nation of Brunei, Abode of Peace',
  BQ: 'Bonaire|Bonaire, Saint Eustatius and Saba|Caribbean Netherlands',
  CC: 'Cocos Islands|Keeling Islands',
  CD: 'DR Congo|Congo (DRC)|DRC|Congo Kinshasa',
  CG: 'Congo Brazzaville',
  CH: 'Swiss Confederation',
  CI: 'Cote d Ivoire',
  CN: 'Mainland China|PR China|PRC',
  CV: 'Cabo Verde',
  FK: 'Falkland Islands|Falkland Islands (Islas Malvinas)|Falklands',
  FM: 'Micronesia|Micronesia, Fed. Sts.',
  FO: 'Faeroe Islands|Faroes',
  FR: 'French Republic',
  GA: 'Gabonese Republic',
  GB: 'Britain|Great Britain and Northern Ireland|United Kingdom of Great Britain and Northern Ireland',
  GR: 'Hellenic Republic',
  GS: 'South Georgia',
  HK: 'Hongkong|Hong Kong SAR China|Hong Kong SAR|Hong Kong, China',
  HM: 'Heard and McDonald Islands|Heard and Mc Donald Islands',
  IT: 'Italian Republic',
  KG: 'Kyrgyz Republic',
  KN: 'Saint Christopher and Nevis',
  KP: "Democratic People's Republic of Korea|DPR Korea|DPRK",
  LA: "Laos|Lao PDR|Lao People's Republic",
  LB: 'Lebanese Republic',
  LY: 'Libyan Arab Jamahiriya',
  MD: 'Moldova',
  MF: 'Saint Martin|Saint Martin (French)',
  MK: 'Macedonia|FYROM|The Former Yugoslav Republic of Macedonia',
  MM: 'Burma',
  MO: 'Macau|Macao SAR China|Macao SAR|Macau SAR|Macau SAR China|Macao, China|Macau, China',
  MP: 'Northern Marianas',
  MX: 'United Mexican States',
  NL: 'Holland',
  NZ: 'Aotearoa|Aotearoa New Zealand',
  PN: 'Pitcairn, Henderson, Ducie and Oeno Islands',
  PS: 'Palestinian Territory|Palestinian Territories|Occupied Palestinian Territory',
  PT: 'Portuguese Republic',
  RW: 'Rwandese Republic',
  SH: 'Saint Helena, Ascension and Tristan da Cunha',
  SK: 'Slovak Republic',
  SX: 'Sint Maarten|Saint Maarten|St. Martin (Dutch part)',
  SY: 'Syria',
  SZ: 'Swaziland',
  TC: 'Turks and Caicos',
  TF: 'French Southern and Antarctic Lands|French Southern and Antarctic Territories',
  TG: 'Togolese Republic',
  TL: 'East Timor',
  TN: 'Tunisian Republic',
  TW: 'Republic of China|Taiwan, China|Taiwan, ROC|Chinese Taipei',
  UM: 'U.S. Outlying Islands|U.S. Minor Outlying Islands|United States Outlying Islands',
  VA: 'Vatican City|Vatican|Holy See',
  VC: 'Saint Vincent and Grenadines|Saint Vincent',
  VG: 'Virgin Islands (UK)',
  VI: 'United States Virgin Islands|Virgin Islands (USA)|Virgin Islands of the United States',
  VN: 'Viet Nam',
  WF: 'Territory of the Wallis and Futuna Islands',
  WS: 'Western Samoa',
  YE: 'Yemeni Republic',
};

/**
 * What a country's long name has beside its short one, by the codes of the countries of which it is said: "Kingdom of Spain"
 * is Spain, and "State of Georgia" is none of them. Official names of today (ISO 3166-1), and "Republic of" of all republics
 * but those of which it would mean another one, or a former state.
 */
const longForms: Readonly<Record<string, string>> = {
  Republic:
    'AF AL AM AO AR AT AZ BA BG BI BJ BO BR BW BY CG CI CL CM CO CR CU CV CY CZ DE DJ EC EE EG ER ET FI FJ FM FR GA GE GH GM ' +
    'GN GQ GR GT GW GY HN HR HT HU ID IE IN IQ IR IS IT KE KG KI KM KZ LB LK LR LT LV MD ME MG MH MK ML MM MN MR MT MU ' +
    'MV MW MX MZ NA NE NG NI NP NR PA PE PH PK PL PT PW PY RO RS RW SC SD SG SI SK SL SM SN SO SR SS SV SY TD TG TJ TM TN ' +
    'TR TT TW TZ UA UG UY UZ VE VU XK YE ZA ZM ZW',
  Kingdom: 'BE BH BT DK ES JO KH LS MA NO SA SE SZ TH TO',
  State: 'BN ER IL KW LY QA VA',
  'Independent State': 'PG WS',
  Principality: 'AD LI MC',
  'Grand Duchy': 'LU',
  Commonwealth: 'AU BS DM MP PR',
  Sultanate: 'BN OM',
  Federation: 'KN',
  'Federal Republic': 'DE NG SO',
  'Federative Republic': 'BR',
  'Federal Democratic Republic': 'ET NP',
  'Democratic Republic': 'CD ST TL',
  'Democratic Socialist Republic': 'LK',
  'Socialist Republic': 'VN',
  "People's Republic": 'BD CN',
  "People's Democratic Republic": 'DZ LA',
  'Islamic Republic': 'AF GM IR MR PK',
  'Arab Republic': 'EG SY',
  'Hashemite Kingdom': 'JO',
  'Bolivarian Republic': 'VE',
  'Plurinational State': 'BO',
  'Co-operative Republic': 'GY',
  'Cooperative Republic': 'GY',
  'Oriental Republic': 'UY',
  'Eastern Republic': 'UY',
  'United Republic': 'TZ',
  'Independent and Sovereign Republic': 'KI',
  'Most Serene Republic': 'SM',
  Union: 'KM MM',
  'Republic of the Union': 'MM',
  'Federated States': 'FM',
  Collectivity: 'BL MF',
  Bailiwick: 'GG JE',
  Department: 'YT',
  Country: 'CW',
  Territory: 'AS CC CX GU HM NF TF WF',
  'Special Administrative Region': 'HK MO',
  'Special Administrative Region of China': 'HK MO',
  "Special Administrative Region of the People's Republic of China": 'HK MO',
  Islands: 'BM CV FJ GG HM JE KM MU MV NR NU RE SC SH SJ TK TO TV WF YT',
};

const silentWords = new Set(['the', 'of', 'and']);
const spellings = new Map(
  Object.entries({
    st: 'saint',
    island: 'islands',
    is: 'islands',
    rep: 'republic',
    dem: 'democratic',
    fed: 'federal',
    sts: 'states',
  })
);

/**
 * The words of a name without accents, marks and order, so that "Korea, Republic of" is "Republic of Korea", and
 * "St. Kitts & Nevis" is "Saint Kitts and Nevis". A word that stands there twice stays twice: "Samoa (American Samoa)" is
 * no name.
 */
function keyOf(name: string): string {
  const plain = name.normalize('NFD').replace(/[\u0300-\u036f.'’‘`´]/g, '');
  const words = plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  return words
    .map((word) => spellings.get(word) ?? word)
    .filter((word) => !silentWords.has(word))
    .sort()
    .join(' ');
}

const namesByCode = new Map(Object.entries<string | string[]>(english.countries));

let codes: Map<string, string> | undefined;

/** Code of a country by an English name of it, be it short, official or of a GeoIP database; undefined when there is none. */
export function codeOfName(name: string): string | undefined {
  codes ??= indexed(knownNames());
  return codes.get(keyOf(name));
}

/** English short name of ISO 3166-1 of an alpha-2 code; undefined where that is none. */
export function officialName(code: string): string | undefined {
  return [namesByCode.get(code)].flat()[0];
}

/** All names that are known, by code; a name that two countries bear means the one that stands first. */
export function knownNames(): Array<[code: string, name: string]> {
  const short = [english.countries, further].flatMap((list) =>
    Object.entries<string | string[]>(list).flatMap(([code, names]) =>
      [names].flat().flatMap((text) => text.split('|').map((name): [string, string] => [code, name]))
    )
  );
  const long = Object.entries(longForms).flatMap(([form, listed]) => {
    const bearers = new Set(listed.split(' '));
    return short
      .filter(([code]) => bearers.has(code))
      .map(([code, name]): [string, string] => [code, `${name}, ${form} of`]);
  });
  return [...short, ...long];
}

function indexed(names: ReadonlyArray<[code: string, name: string]>): Map<string, string> {
  const index = new Map<string, string>();
  for (const [code, name] of names) {
    const key = keyOf(name);
    // "Congo" alone is the Republic of the Congo, which stands first.
    if (!index.has(key)) {
      index.set(key, code);
    }
  }
  return index;
}
