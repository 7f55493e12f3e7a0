import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

import { type Membership, type MembershipOf } from '../domain/membership';
import { unnamedUserOf } from '../domain/users';
import { namesOfNobody } from '../domain/userTexts';
import { bytesOf } from './bytes';
import { type RecordedUsers } from './dayRecord';

/** How users are to be recorded. */
export type UsersToRecord = { mode: 'plain' } | { mode: 'hashed'; key: string } | { mode: 'none' };

/** How a user is written into a record. */
export interface RecordedUser {
  name: string;
  /** Absent where users are plain. */
  membership?: Membership;
}

/** 128 bits: no two users have the same ones. */
const nameDigits = 32;
const keyDigits = 16;

/** How a user of a record is counted beside others; membership is absent where users are plain. */
export function countedUser({ name, membership }: RecordedUser): string {
  return membership === undefined || (name !== '' && namesOfNobody.has(name)) ? name : unnamedUserOf(membership, name);
}

/** What a record says of its users. */
export function usersOf(users: UsersToRecord): RecordedUsers {
  return users.mode === 'hashed' ? { mode: users.mode, key: keyed(users.key, 'oscar-usage key', keyDigits) } : users;
}

/**
 * The name of a user in a record. `auths` are the user's ways of authentication: of users without names they decide the membership, since
 * nobody can tell later on which of these users had which.
 */
export function recordedUser(
  user: string,
  users: UsersToRecord,
  membershipOf: MembershipOf,
  auths: Iterable<string> = []
): RecordedUser {
  if (users.mode === 'plain') {
    return { name: user };
  }
  if (users.mode === 'none') {
    return { name: '', membership: membershipOf(user, auths) };
  }
  const membership = membershipOf(user, []);
  return {
    name: namesOfNobody.has(user) ? user : keyed(users.key, `oscar-usage user ${user}`, nameDigits),
    membership,
  };
}

function keyed(key: string, text: string, digits: number): string {
  return bytesToHex(hmac(sha256, bytesOf(key), bytesOf(text))).slice(0, digits);
}
