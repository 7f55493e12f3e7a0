import fc from 'fast-check';

import { boundedUser, tooLongUser, usersCell } from './users';

it('keeps ids of up to 256 characters, whatever these are', () => {
  expect(boundedUser('a'.repeat(256))).toBe('a'.repeat(256));
  expect(boundedUser('a'.repeat(257))).toBe(tooLongUser);
  expect(boundedUser('𝒜'.repeat(256))).toBe('𝒜'.repeat(256));
  expect(boundedUser('𝒜'.repeat(257))).toBe(tooLongUser);
});

it('joins users by |, and leaves most ids as they are', () => {
  expect(usersCell([])).toBe('');
  expect(usersCell(['nil', 'x@egi.eu'])).toBe('nil|x@egi.eu');
  expect(usersCell(['a|b', '50%'])).toBe('a%7Cb|50%25');
});

it('can be taken apart again', () => {
  const user = fc.string({ minLength: 1, unit: fc.constantFrom('a', '|', '%', '7', 'C', '2', '5', '\n') });
  fc.assert(
    fc.property(fc.array(user, { minLength: 1 }), (users) => {
      expect(usersCell(users).split('|').map(decodeURIComponent)).toEqual(users);
    })
  );
});
