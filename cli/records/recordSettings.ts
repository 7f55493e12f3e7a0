import { defaultRecordsSelector } from '../../src/core/optionsSchema';
import { keyIn } from '../../src/core/records/key';
import { type Trust } from '../../src/core/records/readRecords';
import { publicKeyOf } from '../../src/core/records/signature';
import { type UsersToRecord } from '../../src/core/records/users';
import { type Settings } from '../../src/core/settings';
import { type Environment, secretIn } from '../config/upstreamSettings';
import { usageError } from '../exit';

/** How users may be recorded. */
export const userModes = ['plain', 'hashed', 'none'] as const;

/** What decides how records are written and which are believed. */
export interface RecordSettings {
  /** LogQL stream selector of the records. */
  selector: string;
  /** The labels of the streams that they are written to; the family is added. */
  labels: Readonly<Record<string, string>>;
  /** Signs; absent where none is given. */
  secretKey?: Uint8Array;
  trust: Trust;
  /** Of the digests of users; absent where none is given. */
  usersKey?: string;
}

const fewestKeyCharacters = 16;

/** Throws a told error that names the cause and the cure, and no secret. */
export function recordSettings(
  environment: Environment,
  { recordsSelector: selector, recordsPublicKey }: Pick<Settings, 'recordsSelector' | 'recordsPublicKey'>
): RecordSettings {
  const secretKey = secretKeyOf(environment);
  const publicKey = publicKeyIn(recordsPublicKey, secretKey);
  return { selector, labels: labelsOf(selector), secretKey, trust: { publicKey }, usersKey: usersKeyOf(environment) };
}

/** The key that signs records; undefined where none is given. Throws a told error. */
export function secretKeyOf(environment: Environment): Uint8Array | undefined {
  const secret = secretOf(environment, 'OSCAR_RECORDS_SIGNING_KEY');
  const key = secret === undefined ? undefined : keyIn(secret);
  if (secret !== undefined && !key) {
    throw usageError(
      'OSCAR_RECORDS_SIGNING_KEY is no key: it must be 32 bytes in base64, as of "openssl rand -base64 32"'
    );
  }
  return key;
}

/** Who signs believes only what was signed with the same key. */
function publicKeyIn(given: string, secretKey: Uint8Array | undefined): Uint8Array | undefined {
  const own = secretKey && publicKeyOf(secretKey);
  if (given !== '' && own !== undefined && own !== given) {
    throw usageError(
      'recordsPublicKey does not belong to OSCAR_RECORDS_SIGNING_KEY; leave it out, or set the key that belongs to it'
    );
  }
  return keyIn(given || (own ?? ''));
}

function usersKeyOf(environment: Environment): string | undefined {
  const key = secretOf(environment, 'OSCAR_RECORDS_USERS_KEY');
  if (key !== undefined && key.length < fewestKeyCharacters) {
    throw usageError(
      `OSCAR_RECORDS_USERS_KEY has fewer than ${fewestKeyCharacters} characters, so that user ids could be guessed; make one with "openssl rand -base64 32"`
    );
  }
  return key;
}

/** How users are to be recorded. Throws a told error where the key for it is not given. */
export function usersOf(mode: (typeof userModes)[number], usersKey: string | undefined): UsersToRecord {
  if (mode !== 'hashed') {
    return { mode };
  }
  if (usersKey === undefined) {
    throw usageError(
      '--users hashed needs a key: set OSCAR_RECORDS_USERS_KEY or OSCAR_RECORDS_USERS_KEY_FILE, always the same one'
    );
  }
  return { mode, key: usersKey };
}

function secretOf(environment: Environment, name: string): string | undefined {
  const [own, file] = [environment[name], environment[`${name}_FILE`]];
  if (own && file) {
    throw usageError(`${name} and ${name}_FILE are both set; set one of them`);
  }
  return own || (file ? secretIn(file, `${name}_FILE`) : undefined);
}

/** A record is written to the stream that the selector names, so that it must name one. */
function labelsOf(selector: string): Record<string, string> {
  const matcher = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*=\s*"([^"\\]*)"\s*(?:,|$)/y;
  const inside = /^\{(.*)\}$/s.exec(selector)?.[1] ?? '';
  const labels: Record<string, string> = {};
  let at = 0;
  for (let match = matcher.exec(inside); match; match = matcher.exec(inside)) {
    const [text, name = '', value = ''] = match;
    labels[name] = value;
    at += text.length;
  }
  if (at < inside.length || at === 0 || 'family' in labels) {
    throw usageError(
      `recordsSelector must name labels with their values, such as ${defaultRecordsSelector}, and not the label family, which records have themselves`
    );
  }
  return labels;
}
