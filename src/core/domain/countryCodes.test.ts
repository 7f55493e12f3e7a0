import { getAlpha2Codes, getAlpha3Codes } from 'i18n-iso-countries';

import { alpha2Of, isAlpha2 } from './countryCodes';

it('has the codes of the library that follows ISO 3166-1, and Kosovo', () => {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'];
  const two = letters.flatMap((first) => letters.map((second) => first + second));
  expect(two.filter(isAlpha2)).toEqual(Object.keys(getAlpha2Codes()).sort());
  const three = two.flatMap((start) => letters.map((third) => start + third));
  const found = three.flatMap((code) => (alpha2Of(code) === undefined ? [] : [[code, alpha2Of(code)]]));
  expect(Object.fromEntries(found)).toEqual({ ...getAlpha3Codes(), XKX: 'XK' });
});
