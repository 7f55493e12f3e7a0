import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

import { compareText } from './text';

/** How user ids are shown (contract, option `users`). */
export const userModes = ['full', 'pseudonym', 'hidden'] as const;
export type UserMode = (typeof userModes)[number];

/** Stands for all users where they are hidden. */
export const hiddenUsers = '(users)';

/** What names no person: callers without a login of their own, and what stands for several or none. */
const readable: ReadonlySet<string> = new Set([
  // Of requests that have no user at all.
  '',
  'nil',
  'oscar',
  'minio',
  'console',
  '(none)',
  '(too long)',
  '(others)',
  hiddenUsers,
]);

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

/**
 * Pseudonyms of users who are shown together, by user (contract, option `users`). Where the first 12 digits of several are the
 * same, these have as many more as tell them apart, so that no two users become one.
 */
export function pseudonymsOf(users: Iterable<string>, digest: Digest): Map<string, string> {
  const pseudonyms = new Map<string, string>();
  const usersByText = new Map<string, string[]>();
  for (const user of users) {
    const text = isReadable(user) ? user : digest(user).slice(0, pseudonymDigits);
    pseudonyms.set(user, text);
    const alike = usersByText.get(text);
    if (alike) {
      alike.push(user);
    } else {
      usersByText.set(text, [user]);
    }
  }
  for (const alike of usersByText.values()) {
    if (alike.length > 1) {
      tellApart(alike, digest).forEach(([user, text]) => pseudonyms.set(user, text));
    }
  }
  return pseudonyms;
}

function tellApart(alike: readonly string[], digest: Digest): Array<readonly [user: string, text: string]> {
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
  return users.map((user, index) => [user, `${texts[index]}${areDifferent ? '' : `-${index + 1}`}`] as const);
}
