import { createHmac } from 'node:crypto';

import fc from 'fast-check';

import { type Digest, digestBy, Pseudonyms } from './userTexts';

function pseudonymsOf(users: readonly string[], digest: Digest): Map<string, string> {
  const pseudonyms = new Pseudonyms(digest);
  users.forEach((user) => pseudonyms.add(user));
  return new Map(users.map((user) => [user, pseudonyms.textOf(user)]));
}

const someUser = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('nil', 'oscar', 'minio', 'console', '(none)', '(too long)', '(others)', 'u1@egi.eu')
);

it('is the beginning of an HMAC-SHA-256 of the id, as any other implementation computes it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (key, user) => {
      expect(digestBy(key)(user)).toBe(createHmac('sha256', key).update(user).digest('hex'));
    })
  );
  // RFC 4231, test case 2.
  expect(digestBy('Jefe')('what do ya want for nothing?').slice(0, 12)).toBe('5bdcc146bf60');
});

it('leaves what names no person as it is', () => {
  const users = ['nil', 'oscar', 'minio', 'console', '(none)', '(too long)', '(others)', '(users)'];
  expect([...pseudonymsOf(users, digestBy('key'))]).toEqual(users.map((user) => [user, user]));
});

it('gives each user 12 digits, and more to those whose 12 are the same', () => {
  const digest = (user: string) => (user === 'c' ? 'f'.repeat(64) : `${'0'.repeat(14)}${user}${'1'.repeat(49)}`);
  expect(pseudonymsOf(['a', 'c'], digest)).toEqual(
    new Map([
      ['a', '000000000000'],
      ['c', 'ffffffffffff'],
    ])
  );
  expect(pseudonymsOf(['a', 'b', 'c'], digest)).toEqual(
    new Map([
      ['a', '00000000000000a1'],
      ['b', '00000000000000b1'],
      ['c', 'ffffffffffff'],
    ])
  );
});

it('never makes one text of two users, however alike their digests are', () => {
  // Few digits at the beginning, so that nearly all collide there.
  const digest = (user: string) => {
    const whole = digestBy('key')(user);
    return `${'0'.repeat(11)}${whole.slice(0, 53)}`;
  };
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.oneof(someUser, fc.string({ unit: 'binary' }), fc.constantFrom('\ud800', '\udbff')), {
        maxLength: 60,
      }),
      (users) => {
        const texts = pseudonymsOf(users, digest);
        expect(new Set(texts.values()).size).toBe(users.length);
        expect(pseudonymsOf([...users].reverse(), digest)).toEqual(texts);
      }
    )
  );
});
