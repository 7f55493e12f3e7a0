import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';

import { type UpstreamName } from '../../src/core/upstream/connections';
import { usageError } from '../exit';

/** The keys of one upstream in the configuration file. None holds a secret itself. */
const upstreamKeys = ['url', 'username', 'passwordFile', 'tokenFile', 'tenant', 'caFile'] as const;
type UpstreamKey = (typeof upstreamKeys)[number];

/** What is set for one upstream, from the file and the environment. Files are absolute paths. */
export type UpstreamTexts = Partial<Record<UpstreamKey | 'password' | 'token', string>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names of environment variables, after `OSCAR_LOKI_` or `OSCAR_PROMETHEUS_`. */
const variables = {
  URL: 'url',
  USERNAME: 'username',
  PASSWORD: 'password',
  PASSWORD_FILE: 'passwordFile',
  TOKEN: 'token',
  TOKEN_FILE: 'tokenFile',
  TENANT: 'tenant',
  CA_FILE: 'caFile',
} as const;

export function variableOf(upstream: UpstreamName, name: keyof typeof variables): string {
  return `OSCAR_${upstream.toUpperCase()}_${name}`;
}

/** What the environment sets. An empty value counts as absent, as a container's manifest may leave it. */
export function fromEnvironment(upstream: UpstreamName, environment: Environment): UpstreamTexts {
  const set = Object.entries(variables).flatMap(([name, key]) => {
    const value = environment[variableOf(upstream, name as keyof typeof variables)];
    return value ? [[key, value] as const] : [];
  });
  return Object.fromEntries(set);
}

const shown = (value: unknown) => (Array.isArray(value) ? 'a list' : value === null ? 'nothing' : typeof value);

/** Keys that would hold a secret, by what names its file instead. */
const secretKeys: Readonly<Record<string, string>> = {
  password: 'passwordFile',
  token: 'tokenFile',
  bearerToken: 'tokenFile',
};

/** What the file sets; its own folder is where its paths begin. Throws where something is not valid. */
export function fromFile(upstream: UpstreamName, given: unknown, folder: string): UpstreamTexts {
  const name = upstream.toLowerCase();
  if (given === undefined || given === null) {
    return {};
  }
  if (typeof given !== 'object' || Array.isArray(given)) {
    throw usageError(`${name} must hold {${upstreamKeys.join(', ')}}, not ${shown(given)}`);
  }
  const entries = Object.entries(given).map(([key, value]) => [key, textOf(upstream, key, value)] as const);
  return Object.fromEntries(
    entries.flatMap(([key, text]) => {
      const path = key.endsWith('File') && !isAbsolute(text) ? resolve(folder, text) : text;
      return text.trim() === '' ? [] : [[key, path] as const];
    })
  );
}

/** The text of a known key; nothing counts as an empty one. */
function textOf(upstream: UpstreamName, key: string, value: unknown): string {
  const name = `${upstream.toLowerCase()}.${key}`;
  const file = secretKeys[key];
  if (file !== undefined) {
    const variable = variableOf(upstream, file === 'passwordFile' ? 'PASSWORD' : 'TOKEN');
    throw usageError(
      `${name} would hold a secret in the configuration file; put it into a file of its own and name that with ${upstream.toLowerCase()}.${file}, or set ${variable}`
    );
  }
  if (!upstreamKeys.some((known) => known === key)) {
    throw usageError(`unknown key ${name}; valid are: ${upstreamKeys.join(', ')}`);
  }
  if (typeof value !== 'string' && value !== null) {
    throw usageError(`${name} must be a text, not ${shown(value)}; put it in quotation marks`);
  }
  return value ?? '';
}

/** What a later place sets goes before an earlier one's; a way to authenticate takes the place of all others. */
export function overlaid(earlier: UpstreamTexts, later: UpstreamTexts): UpstreamTexts {
  const authentication = ['password', 'passwordFile', 'token', 'tokenFile'] as const;
  if (!authentication.some((key) => later[key] !== undefined)) {
    return { ...earlier, ...later };
  }
  const { password: _, passwordFile: _1, token: _2, tokenFile: _3, ...others } = earlier;
  return { ...others, ...later };
}

/** The text of a file with a secret, without its line end. Throws, without the text, where it cannot be read. */
export function secretIn(file: string, setting: string): string {
  const text = contentOf(file, setting).replace(/\r?\n$/, '');
  if (text === '') {
    throw usageError(`${setting}: the file ${file} is empty`);
  }
  return text;
}

/** Throws where a file cannot be read. */
export function contentOf(file: string, setting: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? 'unknown error'})`;
    throw usageError(`${setting}: the file ${file} ${why}`);
  }
}
