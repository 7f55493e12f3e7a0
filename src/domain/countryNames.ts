import english from 'i18n-iso-countries/langs/en.json';

/**
 * Names that GeoIP databases give, or gave once, and that are not among those of `i18n-iso-countries`, by code; forms that
 * are equal but for order, accents and marks are there once. Of countries that exist today only.
 *
 * From MaxMind's GeoIP Legacy (the names of its C library, until 2018) and GeoLite2 (GeoLite2-Country-Locations-en.csv,
 * editions from 2013 to 2025). DB-IP publishes no list of its names: those of GeoNames and of Unicode's CLDR stand for it.
 */
const further: Readonly<Record<string, string>> = {
  AX: 'Åland',
  BA: 'Bosnia',
  BL: 'St Barts',
  BQ: 'Bonaire, Saint Eustatius and Saba|Caribbean Netherlands',
  BN: 'Brunei',
  BO: 'Plurinational State of Bolivia',
  CC: 'Cocos Islands|Keeling Islands',
  CD: 'DR Congo|Congo (DRC)|DRC|Congo Kinshasa|Congo (Dem. Rep.)|Congo Democratic Republic|Democratic Republic of Congo',
  CG: 'Congo Republic|Congo Brazzaville|Congo (Rep.)',
  CH: 'Swiss Confederation',
  CV: 'Cabo Verde',
  FK: 'Falkland Islands|Falkland Islands (Islas Malvinas)|Falklands',
  FM: 'Micronesia',
  FO: 'Faeroe Islands',
  GS: 'South Georgia',
  HK: 'Hong Kong SAR China|Hong Kong SAR|Hong Kong, China',
  HM: 'Heard and McDonald Islands',
  KG: 'Kyrgyz Republic',
  KN: 'Saint Christopher and Nevis',
  KP: "Democratic People's Republic of Korea|DPR Korea",
  LA: "Laos|Lao PDR|Lao People's Republic",
  LY: 'Libyan Arab Jamahiriya|State of Libya',
  MD: 'Moldova',
  MF: 'Saint Martin|Saint Martin (French)|Collectivity of Saint Martin',
  MK: 'Macedonia|FYROM|The Former Yugoslav Republic of Macedonia|Macedonia (FYROM)',
  MM: 'Burma|Myanmar [Burma]',
  MO: 'Macau|Macao SAR China|Macao SAR|Macau SAR China|Macao, China|Macau, China',
  PS: 'Palestinian Territory|Palestinian Territories|Occupied Palestinian Territory|Palestine, State of',
  SH: 'Saint Helena, Ascension and Tristan da Cunha',
  SK: 'Slovak Republic',
  SX: 'Sint Maarten|Saint Maarten|St. Martin (Dutch part)',
  SY: 'Syria',
  SZ: 'Swaziland',
  TL: 'East Timor|Democratic Republic of Timor Leste',
  TW: 'Republic of China|Taiwan, Republic of China|Taiwan, China',
  UM: 'U.S. Outlying Islands|U.S. Minor Outlying Islands|United States Outlying Islands',
  VA: 'Vatican City|Vatican|Holy See',
  VC: 'Saint Vincent and Grenadines|Saint Vincent',
  VE: 'Bolivarian Republic of Venezuela',
  VG: 'Virgin Islands (UK)',
  VI: 'United States Virgin Islands|Virgin Islands (USA)|Virgin Islands of the United States',
  VN: 'Viet Nam|Socialist Republic of Viet Nam',
};

/** Words that say nothing, and those that say what kind of state it is: "Kingdom of Spain" is Spain. */
const silentWords = ['the', 'of', 'and'];
const kindsOfStates = (
  'republic kingdom state principality grand duchy commonwealth sultanate federation federal federative independent ' +
  'islamic arab hashemite oriental'
).split(' ');
/** What is left out of a name that is not known otherwise, step by step. */
const omissions: ReadonlyArray<ReadonlySet<string>> = [
  new Set(silentWords),
  new Set([...silentWords, ...kindsOfStates]),
  new Set([...silentWords, ...kindsOfStates, 'islands']),
];

/**
 * The words of a name without accents, marks and order, so that "Korea, Republic of" is "Republic of Korea", and
 * "St. Kitts & Nevis" is "Saint Kitts and Nevis".
 */
function wordsOf(name: string): string[] {
  const plain = name.normalize('NFD').replace(/[\u0300-\u036f.'’‘`´]/g, '');
  const words = plain.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const spelled = words.map((word) => (word === 'st' ? 'saint' : word === 'island' ? 'islands' : word));
  return [...new Set(spelled)].sort();
}

function keyOf(words: readonly string[], omitted: ReadonlySet<string> | undefined): string {
  return words.filter((word) => !omitted?.has(word)).join(' ');
}

let codes: Map<string, string> | undefined;

/** Code of a country by the English name that a GeoIP database gives it, or gave it once; undefined when there is none. */
export function codeOfName(name: string): string | undefined {
  codes ??= indexed(english.countries, further);
  const words = wordsOf(name);
  for (const omitted of omissions) {
    const code = codes.get(keyOf(words, omitted));
    if (code !== undefined) {
      return code;
    }
  }
  return undefined;
}

function indexed(...lists: ReadonlyArray<Readonly<Record<string, string | string[]>>>): Map<string, string> {
  const index = new Map<string, string>();
  for (const [code, names] of lists.flatMap((list) => Object.entries(list))) {
    for (const name of [names].flat().flatMap((text) => text.split('|'))) {
      const key = keyOf(wordsOf(name), omissions[0]);
      // "Congo" alone is the Republic of the Congo, which stands first.
      if (!index.has(key)) {
        index.set(key, code);
      }
    }
  }
  return index;
}
