import { type MembershipOf } from '../domain/membership';
import { othersKey } from '../domain/others';
import { compareText } from '../domain/text';
import { usersCell as cellOf } from '../domain/users';
import { type Digest, digestBy, hiddenUsers, isReadable, Pseudonyms, shortPseudonym } from '../domain/userTexts';
import { usersAreKnownIn } from '../evidence/recordRules';
import { countKeys } from '../requests/counting';
import { type KeyCounts } from '../requests/keyCounts';
import { type KeyTable } from '../requests/keyTable';
import { renamedKeys } from '../requests/mergedKeys';
import { type Work } from '../runtime/turns';
import { type Settings } from '../settings';
import { type Gathered } from '../sources/source';
import { type ReportContext } from './report';

/** How a query shows users (contract, option `users`); nothing of it: by their ids. */
export interface ShownUsers {
  /** True where all users are one row, and no list names them. */
  areHidden?: true;
  /** Where they are shown by pseudonyms. */
  pseudonyms?: Texts;
}

/** The texts that stand for the users of a range, and the ids behind them. */
interface Texts {
  byId: ReadonlyMap<string, string>;
  ids: ReadonlyMap<string, string>;
}

/** Users between two interruptions. */
const usersAtOnce = 500;

/** What was computed once is known for as long as the ids are kept: both are dropped together. */
const shortTexts = new WeakMap<KeyTable, Map<string, string>>();
const textsOfKeys = new WeakMap<KeyCounts, Texts>();

/** Works out how the users of a query are shown. */
export function* shownUsersOf(
  { requests }: Pick<Gathered, 'requests'>,
  { users: mode, pseudonymKey }: Pick<Settings, 'users' | 'pseudonymKey'>
): Work<ShownUsers> {
  if (requests && !usersAreKnownIn(requests, requests.span)) {
    // One and the same user may have several names.
    return { areHidden: true };
  }
  if (mode !== 'pseudonym' || !requests) {
    return mode === 'hidden' ? { areHidden: true } : {};
  }
  // All users of the range, whatever of it is shown, so that panels of one range show a user in the same way.
  const keys = countKeys(requests, requests.span, undefined);
  const pseudonyms = textsOfKeys.get(keys) ?? (yield* textsOf(keys, requests.table, digestBy(pseudonymKey)));
  textsOfKeys.set(keys, pseudonyms);
  return { pseudonyms };
}

function* textsOf(keys: KeyCounts, table: KeyTable, digest: Digest): Work<Texts> {
  const users = keys.entriesOf('user');
  const pseudonyms = new Pseudonyms(digest, rememberedIn(table, digest));
  for (const [index, [id]] of users.entries()) {
    pseudonyms.add(id);
    if (index % usersAtOnce === usersAtOnce - 1) {
      yield;
    }
  }
  const [byId, ids] = [new Map<string, string>(), new Map<string, string>()];
  for (const [index, [id]] of users.entries()) {
    const text = pseudonyms.textOf(id);
    byId.set(id, text);
    ids.set(text, id);
    if (index % usersAtOnce === usersAtOnce - 1) {
      yield;
    }
  }
  yield* renamedKeys(table, 'user', byId).inSteps();
  return { byId, ids };
}

function rememberedIn(table: KeyTable, digest: Digest): Digest {
  const known = shortTexts.get(table) ?? new Map<string, string>();
  shortTexts.set(table, known);
  return (id) => {
    const text = known.get(id) ?? shortPseudonym(id, digest);
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
  const texts = shownUsers?.pseudonyms?.byId;
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
export function membershipOfTexts(membershipOf: MembershipOf, { pseudonyms }: ShownUsers): MembershipOf {
  return pseudonyms ? (text, auths) => membershipOf(pseudonyms.ids.get(text) ?? text, auths) : membershipOf;
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
  return cellOf(shown.length < users.length ? [othersKey, ...shown].sort(compareText) : shown);
}

const nobody: ReadonlySet<string> = new Set();

/** Requests of which rows by user are made: those of hidden users are of one, and membership is no longer told. */
export function keysByUser(keys: KeyCounts, context: Context): KeyCounts {
  return areUsersHidden(context) ? keys.merged('user', nobody, hiddenUsers) : keys;
}
