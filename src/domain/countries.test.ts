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

// Names as the GeoIP databases give them in geoip_country_name.
it.each([
  ['Viet Nam', 'VN'],
  ['Vatican City', 'VA'],
  ['Laos', 'LA'],
  ['Syria', 'SY'],
  ['Brunei', 'BN'],
  ['DR Congo', 'CD'],
  ['Congo Republic', 'CG'],
  ['Cabo Verde', 'CV'],
  ['Moldova', 'MD'],
  ['Sint Maarten', 'SX'],
  ['U.S. Virgin Islands', 'VI'],
  ['Falkland Islands', 'FK'],
])('%s is %s', (text, code) => {
  expect(toCountryCode(text)).toBe(code);
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
