import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import { compareText } from './text';
import { tooLongUser } from './users';

/** How user ids are shown (contract, option `users`). */
export const userModes = ['full', 'pseudonym', 'hidden'] as const;
export type UserMode = (typeof userModes)[number];

/** Stands for all users where they are hidden. */
export const hiddenUsers = '(users)';

/** Users of requests that name no person: callers without a login of their own, and what stands for several or none. */
export const namesOfNobody: ReadonlySet<string> = new Set([
  // Of requests that have no user at all.
  '',
  'nil',
  'oscar',
  'minio',
  'console',
  '(none)',
  tooLongUser,
  '(too many names)',
]);

/** The same, and what reports make of users. */
const readable: ReadonlySet<string> = new Set([...namesOfNobody, '(others)', hiddenUsers]);

/** Hexadecimal digits of a pseudonym: 48 bits. */
const pseudonymDigits = 12;

/** Digits that two pseudonyms get more, until they differ. */
const moreDigits = 4;

/** Turns a user id into 64 lower-case hexadecimal digits. */
export type Digest = (user: string) => string;

/** HMAC-SHA-256; key and ids as UTF-8. Not `crypto.subtle`, which a page without TLS does not have. */
export function digestBy(key: string): Digest {
  const keyed = hmac.create(sha256, utf8ToBytes(key));
  return (user) => bytesToHex(keyed.clone().update(utf8ToBytes(user)).digest());
}

export function isReadable(user: string): boolean {
  return readable.has(user);
}

/** The first digits of a digest, in memory of their own; the text itself where it names no person. */
export function shortPseudonym(user: string, digest: Digest): string {
  return isReadable(user) ? user : digest(user).slice(0, pseudonymDigits);
}

/**
 * Pseudonyms of users who are shown together (contract, option `users`). Where the first 12 digits of several are the same,
 * these have as many more as tell them apart, so that no two users become one, in whatever order they come.
 */
export class Pseudonyms {
  private readonly usersByShort = new Map<string, string | string[]>();
  private readonly alike = new Set<string>();

  constructor(
    private readonly digest: Digest,
    private readonly shortOf: Digest = (user) => shortPseudonym(user, digest)
  ) {}

  /** Each user once. */
  add(user: string): void {
    const short = this.shortOf(user);
    const others = this.usersByShort.get(short);
    if (others === undefined) {
      this.usersByShort.set(short, user);
    } else {
      this.usersByShort.set(short, [...[others].flat(), user]);
      this.alike.add(short);
    }
  }

  /** The text of each user who was added. */
  textOf(user: string): string {
    const short = this.shortOf(user);
    const users = this.alike.has(short) ? this.usersByShort.get(short) : undefined;
    return Array.isArray(users) ? (tellApart(users, this.digest).get(user) ?? short) : short;
  }
}

function tellApart(alike: readonly string[], digest: Digest): Map<string, string> {
  const users = [...alike].sort(compareText);
  const digests = users.map(digest);
  const longest = Math.max(...digests.map(({ length }) => length));
  let digits = pseudonymDigits;
  do {
    digits += moreDigits;
  } while (digits < longest && new Set(digests.map((text) => text.slice(0, digits))).size < users.length);
  const texts = digests.map((text) => text.slice(0, digits));
  // The same to the last digit are ids that differ in nothing that UTF-8 can hold.
  const areDifferent = new Set(texts).size === users.length;
  return new Map(users.map((user, index) => [user, `${texts[index]}${areDifferent ? '' : `-${index + 1}`}`]));
}
