import { membershipClassifier, patternProblem } from './membership';

const byRules = membershipClassifier([], undefined);

it.each([
  ['5d1e0c7a94b2f6383a0be77c1f94d25e@egi.eu', 'member'],
  ['5d1e0c7a94b2f638', 'member'],
  ['5d1e0c7a94b2f63', 'unknown'],
  ['123e4567-e89b-42d3-a456-426614174000', 'member'],
  ['someone@example.org', 'member'],
  ['nil', 'external'],
  ['oscar', 'external'],
  ['oscar2', 'unknown'],
  ['minio', 'unknown'],
  ['console', 'unknown'],
  ['rustfs', 'unknown'],
  ['rustfsadmin', 'unknown'],
  ['(none)', 'unknown'],
])('%s is %s by the default rules', (user, membership) => {
  expect(byRules(user, [''])).toBe(membership);
});

it('asks the way of authentication, then the roster, then the rules', () => {
  const of = membershipClassifier(['minio', 'lab-*', '*@lab.org'], [{ pattern: '.', membership: 'external' }]);
  expect(of('minio', ['service_token'])).toBe('external');
  expect(of('nil', ['oidc'])).toBe('member');
  expect(of('minio', [''])).toBe('member');
  expect(of('lab-1/2', [])).toBe('member');
  expect(of('x@lab.org', ['basic'])).toBe('member');
  expect(of('x@egi.eu', [])).toBe('external');
});

it('takes rules of the options instead of the default ones', () => {
  expect(membershipClassifier([], [])('someone@example.org', [])).toBe('unknown');
});

it('says what is wrong with a pattern', () => {
  expect(patternProblem('(')).toMatch(/^: Invalid regular expression/);
  expect(patternProblem('')).toMatch(/empty.*everybody/);
  expect(patternProblem('.')).toBeUndefined();
});

it('does not depend on the order in which a user was seen to authenticate', () => {
  expect(byRules('u', ['oidc', 'service_token'])).toBe(byRules('u', ['service_token', 'oidc']));
});

it('takes an unknown way of authentication for none, whatever its name', () => {
  expect(byRules('nil', ['constructor'])).toBe('external');
});
