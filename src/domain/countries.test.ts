import english from 'i18n-iso-countries/langs/en.json';

import { countryName, countryOf, toCountryCode } from './countries';

it.each([
  ['ES', 'ES'],
  ['es', 'ES'],
  [' Us ', 'US'],
  ['ESP', 'ES'],
  ['usa', 'US'],
  ['Spain', 'ES'],
  ['SPAIN', 'ES'],
  ['spain', 'ES'],
  ['The Netherlands', 'NL'],
  ['United States', 'US'],
  ['United Kingdom', 'GB'],
  ['South Korea', 'KR'],
  ['Czechia', 'CZ'],
  ['T\u00fcrkiye', 'TR'],
  ['Russia', 'RU'],
  ['North Macedonia', 'MK'],
  ['Hong Kong', 'HK'],
  ['ZZ', 'unknown'],
  ['EU', 'unknown'],
  ['ZZZ', 'unknown'],
  ['', 'unknown'],
  ['Atlantis', 'unknown'],
  ['constructor', 'unknown'],
  ['__proto__', 'unknown'],
])('%p is %s', (text, code) => {
  expect(toCountryCode(text)).toBe(code);
});

it('knows every country by its code and by its name', () => {
  for (const [code, names] of Object.entries(english.countries)) {
    expect([code, toCountryCode(code), toCountryCode(code.toLowerCase())]).toEqual([code, code, code]);
    expect([names, toCountryCode([names].flat()[0] as string)]).toEqual([names, code]);
  }
});

const namesOfEditions: Record<string, string> = {
  'GeoIP Legacy':
    "BN Brunei Darussalam|CD Congo, The Democratic Republic of the|CG Congo|CI Cote D'Ivoire|CV Cape Verde|CZ Czech Republic|" +
    'FK Falkland Islands (Malvinas)|FM Micronesia, Federated States of|HM Heard Island and McDonald Islands|IR Iran, Islamic Republic of|' +
    "KP Korea, Democratic People's Republic of|KR Korea, Republic of|LA Lao People's Democratic Republic|MD Moldova, Republic of|" +
    'MK Macedonia|MO Macau|PS Palestinian Territory|RE Reunion|RU Russian Federation|ST Sao Tome and Principe|SY Syrian Arab Republic|' +
    'SZ Swaziland|TZ Tanzania, United Republic of|UM United States Minor Outlying Islands|VA Holy See (Vatican City State)|' +
    'VG Virgin Islands, British|VI Virgin Islands, U.S.|AX Aland Islands|BL Saint Barthelemy|BQ Bonaire, Sint Eustatius and Saba',
  'GeoLite2 until 2019':
    'AX Åland|CC Cocos [Keeling] Islands|JO Hashemite Kingdom of Jordan|KR Republic of Korea|LT Republic of Lithuania|' +
    'MD Republic of Moldova|MM Myanmar [Burma]|TL East Timor|TL Democratic Republic of Timor-Leste|CG Republic of the Congo|' +
    'BQ Bonaire, Sint Eustatius, and Saba|GS South Georgia and the South Sandwich Islands|VC Saint Vincent and the Grenadines|MO Macao',
  'GeoLite2 until 2022':
    'CD DR Congo|CG Congo Republic|CV Cabo Verde|KN St Kitts and Nevis|VC St Vincent and Grenadines|UM U.S. Outlying Islands|' +
    'UM U.S. Minor Outlying Islands|HM Heard and McDonald Islands|CI Ivory Coast|TR Turkey|SZ Eswatini|ST São Tomé and Príncipe|' +
    'VI U.S. Virgin Islands|FK Falkland Islands|SX Sint Maarten|MF Saint Martin|VA Vatican City|CW Curaçao|BL Saint Barthélemy',
  'GeoLite2 of 2025':
    'CD Congo (DRC)|SH St. Helena|TR Türkiye|AX Åland Islands|CC Cocos (Keeling) Islands|PS Palestine|XK Kosovo|RE Réunion|' +
    'FM Federated States of Micronesia|VG British Virgin Islands|BQ Bonaire, Sint Eustatius and Saba|LA Laos|SY Syria|BN Brunei',
  'GeoNames and CLDR':
    'BQ Bonaire, Saint Eustatius and Saba|BQ Caribbean Netherlands|CC Cocos Islands|CD Congo - Kinshasa|CG Congo - Brazzaville|CI Côte d’Ivoire|' +
    'HK Hong Kong SAR China|MO Macao SAR China|MM Myanmar (Burma)|NL The Netherlands|PN Pitcairn|PS Palestinian Territories|' +
    'SJ Svalbard & Jan Mayen|VC St. Vincent & Grenadines|TC Turks & Caicos Islands|VA Vatican|VN Viet Nam|TL Timor Leste|BA Bosnia',
  others:
    'MM Burma|MK Republic of Macedonia|KR Korea (the Republic of)|KP DPR Korea|IE Ireland, Republic of|ES Kingdom of Spain|BS Bahamas, The|' +
    'TW Taiwan, Province of China|TW Republic of China|CN People\u2019s Republic of China|DE Federal Republic of Germany|US U.S.A.|AE UAE|XK XKX',
};

describe.each(Object.entries(namesOfEditions))('names of %s', (_, names) => {
  it.each(names.split('|'))('%s', (pair) => {
    const [code, name] = [pair.slice(0, 2), pair.slice(3)];
    expect(toCountryCode(name)).toBe(code);
    expect(toCountryCode(name.toUpperCase())).toBe(toCountryCode(name));
  });
});

it.each(
  (
    'AN|CS|YU|SU|ZR|TP|BU|DD|FX|NT|YD|VD|UK|EU|AP|A1|A2|O1|T1|XX|ZZ|AA|QZ|--|-|ANT|SCG|YUG|SUN|ZAR|TMP|DDR|Netherlands Antilles|' +
    'Serbia and Montenegro|Yugoslavia|Federal Republic of Yugoslavia|Czechoslovakia|Soviet Union|USSR|Zaire|Republic of Zaire|' +
    'German Democratic Republic|Yemen, Democratic|France, Metropolitan|Neutral Zone|Panama Canal Zone|Wake Island|Europe|' +
    'Asia/Pacific Region|Anonymous Proxy|Satellite Provider|Other|Unknown|Virgin Islands|Korea|Republic|Islands|the|of'
  ).split('|')
)('%s is no country of today', (text) => {
  expect(toCountryCode(text)).toBe('unknown');
});

it('takes the first label that is not empty', () => {
  expect(countryOf({ geoip_country_code: 'ES', country: 'US' })).toBe('ES');
  expect(countryOf({ geoip_country_code: '', geoip_country_name: 'Spain', country: 'US' })).toBe('ES');
  expect(countryOf({ geoip_country_code: ' ', country_code: 'us' })).toBe('US');
  expect(countryOf({ country: 'ZZ', country_code: 'US' })).toBe('unknown');
  expect(countryOf({})).toBe('unknown');
});

it('names a code and leaves unknown as it is', () => {
  expect(countryName('ES')).toBe('Spain');
  expect(countryName('unknown')).toBe('unknown');
});
