import { membershipClassifier, membershipIn } from './membership';
import { LinearPattern } from './pattern';

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

it('does not depend on the order in which a user was seen to authenticate', () => {
  expect(byRules('u', ['oidc', 'service_token'])).toBe(byRules('u', ['service_token', 'oidc']));
});

it('takes an unknown way of authentication for none, whatever its name', () => {
  expect(byRules('nil', ['constructor'])).toBe('external');
});

it('compares a user with the rules once for all panels', () => {
  const options = { roster: ['lab-*'], membershipRules: [{ pattern: '^x', membership: 'external' as const }] };
  const compared = jest.spyOn(LinearPattern.prototype, 'isIn');
  for (let panel = 0; panel < 3; panel += 1) {
    expect(['x', 'y', 'lab-1', 'x'].map((user) => membershipIn(options)(user, ['']))).toEqual([
      'external',
      'unknown',
      'member',
      'external',
    ]);
  }
  expect(compared.mock.calls).toEqual([['x'], ['y']]);
  compared.mockRestore();
});

it('shows no rule and no glob more than 256 characters', () => {
  const of = membershipClassifier(['?'.repeat(257), 'a*a*a*b'], [{ pattern: 'a', membership: 'external' }]);
  expect(of('a'.repeat(256), [])).toBe('external');
  expect(of('a'.repeat(257), [])).toBe('unknown');
  expect(of(`${'a'.repeat(300)}b`, [])).toBe('unknown');
});
