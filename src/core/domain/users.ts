/** Users whose id has more characters are one, under this key (contract rule 8): such an id is no id, and may be any size. */
export const maxUserCharacters = 256;
export const tooLongUser = '(too long)';

/** The user as it is counted. */
export function boundedUser(user: string): string {
  return isTooLong(user) ? tooLongUser : user;
}

/** A character may be two code units. */
function isTooLong(user: string): boolean {
  return (
    user.length > maxUserCharacters && (user.length > maxUserCharacters * 2 || [...user].length > maxUserCharacters)
  );
}

/**
 * The cell of several users: joined by `|` (contract, "Result frames"). A `|` in an id is written `%7C`, and a `%` as `%25`, so that a
 * cell that is split at `|` has an entry for each user, which `decodeURIComponent` gives back.
 */
export function usersCell(users: readonly string[]): string {
  return users.map((user) => user.replace(/%/g, '%25').replace(/\|/g, '%7C')).join('|');
}

const unnamedUser = /^recorded:([a-z]+):[0-9a-f]{0,64}$/;

/**
 * How a user is counted whom a usage record does not name: by a membership, which was decided when the name was known, and by a digest of
 * the name, which may be empty.
 */
export function unnamedUserOf(membership: string, digest: string): string {
  return `recorded:${membership}:${digest}`;
}

/** The membership of a user whom a usage record does not name; undefined for all others. */
export function unnamedMember(user: string): string | undefined {
  return unnamedUser.exec(user)?.[1];
}
