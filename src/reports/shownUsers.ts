import { type MembershipOf } from '../domain/membership';
import { othersKey } from '../domain/others';
import { compareText } from '../domain/text';
import { type Digest, digestBy, hiddenUsers, isReadable, pseudonymsOf } from '../domain/userTexts';
import { countKeys } from '../ledger/counting';
import { type KeyCounts } from '../ledger/keyCounts';
import { type KeyTable } from '../ledger/keyTable';
import { type Settings } from '../settings';
import { type Gathered } from '../sources/source';
import { type Work } from '../turns';
import { type ReportContext } from './report';

/** How a query shows users (contract, option `users`); nothing of it: by their ids. */
export interface ShownUsers {
  /** True where all users are one row, and no list names them. */
  areHidden?: true;
  /** The texts that stand for the users of the range, by id. */
  texts?: ReadonlyMap<string, string>;
}

/** Users between two interruptions. */
const usersAtOnce = 500;

/** A digest is computed once for as long as the ids are kept: both are dropped together. */
const digests = new WeakMap<KeyTable, Map<string, string>>();
const pseudonyms = new WeakMap<KeyCounts, ReadonlyMap<string, string>>();

/** Works out how the users of a query are shown. */
export function* shownUsersOf(
  { requests }: Pick<Gathered, 'requests'>,
  { users: mode, pseudonymKey }: Pick<Settings, 'users' | 'pseudonymKey'>
): Work<ShownUsers> {
  if (mode !== 'pseudonym' || !requests) {
    return mode === 'hidden' ? { areHidden: true } : {};
  }
  // All users of the range, whatever of it is shown, so that panels of one range show a user in the same way.
  const keys = countKeys(requests, requests.span, undefined);
  let texts = pseudonyms.get(keys);
  if (!texts) {
    const digest = rememberedIn(requests.table, digestBy(pseudonymKey));
    const ids = keys.namesOf('user');
    for (const [index, id] of ids.entries()) {
      if (!isReadable(id)) {
        digest(id);
      }
      if (index % usersAtOnce === usersAtOnce - 1) {
        yield;
      }
    }
    texts = pseudonymsOf(ids, digest);
    pseudonyms.set(keys, texts);
  }
  return { texts };
}

function rememberedIn(table: KeyTable, digest: Digest): Digest {
  const known = digests.get(table) ?? new Map<string, string>();
  digests.set(table, known);
  return (id) => {
    const text = known.get(id) ?? digest(id);
    known.set(id, text);
    return text;
  };
}

type Context = Pick<ReportContext, 'shownUsers'>;

const renamed = new WeakMap<ReadonlyMap<string, string>, WeakMap<KeyCounts, KeyCounts>>();

/**
 * The same requests with texts in the place of user ids: the one place where ids become what people see. No report knows an id
 * that is not to be shown. Panels share what they count of it.
 */
export function withUserTexts(keys: KeyCounts, { shownUsers }: Context): KeyCounts {
  const texts = shownUsers?.texts;
  if (!texts) {
    return keys;
  }
  const known = renamed.get(texts) ?? new WeakMap<KeyCounts, KeyCounts>();
  renamed.set(texts, known);
  const shown = known.get(keys) ?? keys.renamed('user', texts);
  known.set(keys, shown);
  return shown;
}

/** Decides membership by the ids that stand behind texts. */
export function membershipOfTexts(membershipOf: MembershipOf, { texts }: ShownUsers): MembershipOf {
  if (!texts) {
    return membershipOf;
  }
  const ids = new Map(Array.from(texts, ([id, text]) => [text, id]));
  return (text, auths) => membershipOf(ids.get(text) ?? text, auths);
}

export function areUsersHidden({ shownUsers }: Context): boolean {
  return shownUsers?.areHidden === true;
}

/**
 * The users of some requests in a cell, sorted; empty where they are hidden (contract, "Result frames"). People without a row of
 * their own are no part of a list, either.
 */
export function usersCell(keys: KeyCounts, context: Pick<ReportContext, 'shownUsers' | 'protectedUsers'>): string {
  if (areUsersHidden(context)) {
    return '';
  }
  const users = keys.namesOf('user');
  const isShown = (user: string) => context.protectedUsers?.has(user) !== true || isReadable(user);
  const shown = users.filter(isShown);
  return (shown.length < users.length ? [othersKey, ...shown].sort(compareText) : shown).join('|');
}

const nobody: ReadonlySet<string> = new Set();

/** Requests of which rows by user are made: those of hidden users are of one, and membership is no longer told. */
export function keysByUser(keys: KeyCounts, context: Context): KeyCounts {
  return areUsersHidden(context) ? keys.merged('user', nobody, hiddenUsers) : keys;
}
