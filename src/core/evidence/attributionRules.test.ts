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
const stateWith = (thresholdPercent: number, ...keys: CountedKey[]) => {
  const findings = judgeAll(attributionRules, { keys: keyCountsOf(keys), thresholdPercent });
  return stateOfFindings('country-attribution', range, findings, 0);
};
const stateOf = (...keys: CountedKey[]) => stateWith(95, ...keys);

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
  expect(stateOf(keyOf('ES', 1), keyOf('unknown', 1)).notes).toEqual([
    '50 % of the requests have a known country; countries are partial below 95 % (option attributionThreshold)',
  ]);
  expect(stateOf(keyOf('unknown', 1)).notes).toEqual(['no request has a known country']);
});

it.each([
  [0, 'ok'],
  [49.9, 'ok'],
  [50, 'ok'],
  [50.1, 'partial'],
  [100, 'partial'],
])('with half of the requests known and a threshold of %p is %p', (threshold, status) => {
  expect(stateWith(threshold, keyOf('ES', 1), keyOf('unknown', 1)).status).toBe(status);
});

it('is missing without any country, whatever the threshold', () => {
  expect(stateWith(0, keyOf('unknown', 1)).status).toBe('missing');
});

it('is whole at a threshold of 100 only where all are known', () => {
  expect(stateWith(100, keyOf('ES', 999)).status).toBe('ok');
  expect(stateWith(100, keyOf('ES', 999), keyOf('unknown', 1)).status).toBe('partial');
});
