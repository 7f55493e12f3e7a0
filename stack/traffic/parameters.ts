import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';

import { hourMs } from '../../src/core/domain/duration';
import { UserError } from '../lib/errors';

/** What the generated data depends on, and all that it depends on: equal parameters give equal bytes. */
export interface TrafficParameters {
  /** Length of the span in days of 24 hours. */
  days: number;
  /** Number of request lines (sync and async together); every other kind of line comes on top. */
  lines: number;
  /** Services that exist at some time of the span. */
  services: number;
  /** Distinct users, the technical ones (`oscar`, `nil`, those of storage, none) included. */
  users: number;
  /** Countries that requests come from. */
  countries: number;
  seed: number;
  /** Exclusive end of the span, a whole hour, in milliseconds since the epoch. */
  end: number;
  /** Scrape interval of the containers' counters, in seconds. */
  scrapeSeconds: number;
  /** Further requests in the last 24 hours that somebody sends to invented names, or with a wrong token: all rejected. */
  invented: number;
}

/** Part of the fingerprint: raise it whenever equal parameters would give other data than before. */
const generatorVersion = 4;

const defaults = {
  days: 180,
  lines: 300_000,
  services: 60,
  users: 2_000,
  countries: 40,
  seed: 1,
  scrapeSeconds: 120,
  invented: 0,
} as const;

type CountName = keyof typeof defaults;

const ranges: Record<CountName, readonly [low: number, high: number]> = {
  days: [1, 3_650],
  lines: [1, 100_000_000],
  services: [5, 5_000],
  users: [10, 1_000_000],
  countries: [1, 200],
  seed: [0, 0x7fff_ffff],
  // Prometheus forgets a sample after five minutes, so a longer interval would leave holes in every series.
  scrapeSeconds: [15, 240],
  invented: [0, 10_000_000],
};

const optionNames = [...Object.keys(defaults).map(kebab), 'end'];

/** Inclusive start of the span in milliseconds since the epoch. */
export function startOf(parameters: TrafficParameters): number {
  return parameters.end - parameters.days * 24 * hourMs;
}

/** Number of hours in the span. */
export function hoursOf(parameters: TrafficParameters): number {
  return parameters.days * 24;
}

/**
 * Completes and checks parameters. The end defaults to the start of the current UTC hour.
 * @throws UserError that names the parameter and its valid range.
 */
export function createParameters(given: Partial<TrafficParameters> = {}, now = Date.now()): TrafficParameters {
  const parameters = { ...defaults, end: now - (now % hourMs), ...definedOf(given) };
  for (const name of Object.keys(defaults) as CountName[]) {
    const [low, high] = ranges[name];
    const value = parameters[name];
    if (!Number.isInteger(value) || value < low || value > high) {
      throw new UserError(`--${kebab(name)} must be a whole number from ${low} to ${high}, not ${value}`);
    }
  }
  if (!Number.isInteger(parameters.end) || parameters.end % hourMs !== 0 || parameters.end <= 0) {
    throw new UserError('--end must be a whole hour as an ISO 8601 instant, for example 2026-06-01T00:00:00Z');
  }
  return parameters;
}

type OptionTypes = Readonly<Record<string, { type: 'string' | 'boolean' }>>;
export type OptionValues = Readonly<Record<string, string | boolean | undefined>>;

/** What a command line asks for: only what is given, so that it can be told from a default. */
export interface TrafficArguments {
  given: Partial<TrafficParameters>;
  /** Values of the program's own options. */
  options: OptionValues;
}

/**
 * Reads `--days --lines --services --users --countries --seed --scrape-seconds --invented --end`, and a program's own options.
 * @throws UserError for an unknown option or a value that is not of the right kind; the ranges are not checked here.
 */
export function parseTrafficArguments(argv: readonly string[], ownOptions: OptionTypes = {}): TrafficArguments {
  const types = {
    ...Object.fromEntries(optionNames.map((name) => [name, { type: 'string' as const }])),
    ...ownOptions,
  };
  let options: OptionValues;
  try {
    options = parseArgs({ args: [...argv], options: types, strict: true }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const valid = Object.keys(types).map((name) => `--${name}`);
    throw new UserError(`${reason}\nvalid options: ${valid.join(' ')}`);
  }
  const given: Partial<TrafficParameters> = {};
  for (const name of Object.keys(defaults) as CountName[]) {
    const text = options[kebab(name)];
    if (text !== undefined) {
      given[name] = Number(text);
    }
  }
  if (options.end !== undefined) {
    given.end = instantOf(String(options.end));
  }
  return { given, options };
}

/** Short text that is equal exactly when generator version and parameters are. */
export function fingerprintOf(parameters: TrafficParameters): string {
  const entries = Object.entries(parameters).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([generatorVersion, entries]))
    .digest('hex')
    .slice(0, 16);
}

function instantOf(text: string): number {
  // Without a zone, JavaScript would read the machine's own: the same command would mean other data elsewhere.
  const hasZone = /T.*(Z|[+-]\d\d:?\d\d)$/i.test(text);
  return hasZone ? Date.parse(text) : NaN;
}

function definedOf(given: Partial<TrafficParameters>): Partial<TrafficParameters> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
