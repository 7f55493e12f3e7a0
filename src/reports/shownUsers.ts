import { compareText } from '../domain/text';
import { type Digest, digestBy, hiddenUsers, isReadable, pseudonymsOf, type UserMode } from '../domain/userTexts';
import { countKeys } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type KeyTable } from '../ledger/keyTable';
import { type Settings } from '../settings';
import { type Gathered } from '../sources/source';
import { type Work } from '../turns';
import { type ReportContext } from './report';

/** How a query shows user ids: the one place where they become texts that people see. */
export interface ShownUsers {
  mode: UserMode;
  /** The text that stands for a user among those of the query. */
  textOf: (user: string) => string;
}

const asLogged: ShownUsers = { mode: 'full', textOf: (user) => user };
const hidden: ShownUsers = { mode: 'hidden', textOf: () => hiddenUsers };

/** Users between two interruptions. */
const usersAtOnce = 500;

/** A digest is computed once for as long as the ids are kept: both are dropped together. */
const digests = new WeakMap<KeyTable, Map<string, string>>();
const pseudonyms = new WeakMap<KeyCounts, ReadonlyMap<string, string>>();

/** Works out how the users of a query are shown (contract, option `users`). */
export function* shownUsersOf(
  { requests }: Pick<Gathered, 'requests'>,
  { users: mode, pseudonymKey }: Pick<Settings, 'users' | 'pseudonymKey'>
): Work<ShownUsers> {
  if (mode !== 'pseudonym' || !requests) {
    return mode === 'hidden' ? hidden : asLogged;
  }
  // All users of the range, whatever of it is shown, so that panels of one range show a user in the same way.
  const keys = countKeys(requests, requests.span, undefined);
  let texts = pseudonyms.get(keys);
  if (!texts) {
    const digest = rememberedIn(requests.table, digestBy(pseudonymKey));
    const names = keys.namesOf('user');
    for (const [index, name] of names.entries()) {
      if (!isReadable(name)) {
        digest(name);
      }
      if (index % usersAtOnce === usersAtOnce - 1) {
        yield;
      }
    }
    texts = pseudonymsOf(names, digest);
    pseudonyms.set(keys, texts);
  }
  const known = texts;
  return {
    mode,
    textOf(user) {
      const text = known.get(user);
      if (text === undefined) {
        throw new Error('a user who is not of the range was to be shown');
      }
      return text;
    },
  };
}

function rememberedIn(table: KeyTable, digest: Digest): Digest {
  const known = digests.get(table) ?? new Map<string, string>();
  digests.set(table, known);
  return (user) => {
    const text = known.get(user) ?? digest(user);
    known.set(user, text);
    return text;
  };
}

type Context = Pick<ReportContext, 'shownUsers'>;

/** The text that stands for a user. */
export function userText(user: string, { shownUsers = asLogged }: Context): string {
  return shownUsers.textOf(user);
}

/** True where all users are one row. */
export function areUsersHidden({ shownUsers = asLogged }: Context): boolean {
  return shownUsers.mode === 'hidden';
}

/** The users of some requests in a cell, sorted; empty where they are hidden (contract, "Result frames"). */
export function usersCell(keys: KeyCounts, context: Context): string {
  return areUsersHidden(context)
    ? ''
    : keys
        .namesOf('user')
        .map((user) => userText(user, context))
        .sort(compareText)
        .join('|');
}

/** Requests by user, as ids and not yet as texts; where users are hidden, all of them under one name. */
export function countsByUser(keys: KeyCounts, context: Context): Array<readonly [user: string, count: number]> {
  if (!areUsersHidden(context)) {
    return keys.entriesOf('user');
  }
  return keys.total > 0 ? [[hiddenUsers, keys.total]] : [];
}
