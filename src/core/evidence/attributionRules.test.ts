import { type CountedKey, keyCountsOf } from '../../testing/facts';
import { stateOfFindings } from '../completeness/model';
import { attributionRules } from './attributionRules';
import { judgeAll } from './rule';

const range = { start: 0, end: 1000 };
const keyOf = (country: string, count: number): CountedKey => ({
  type: 'sync',
  service: 'a',
  user: 'u',
  country,
  auth: '',
  outcome: 'succeeded',
  count,
});
const stateOf = (...keys: CountedKey[]) =>
  stateOfFindings('country-attribution', range, judgeAll(attributionRules, keyCountsOf(keys)), 0);

it.each([
  [0, 0, 'ok'],
  [95, 5, 'ok'],
  [94, 6, 'partial'],
  [1, 99, 'partial'],
  [0, 1, 'missing'],
])('with %p known and %p unknown is %p', (known, unknown, status) => {
  const keys = [...(known ? [keyOf('ES', known)] : []), ...(unknown ? [keyOf('unknown', unknown)] : [])];
  expect(stateOf(...keys).status).toBe(status);
});

it('says how many carry a country', () => {
  expect(stateOf(keyOf('ES', 1), keyOf('unknown', 1)).notes).toEqual(['50 % of the requests have a known country']);
  expect(stateOf(keyOf('unknown', 1)).notes).toEqual(['no request has a known country']);
});
