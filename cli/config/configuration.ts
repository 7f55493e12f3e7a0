import { dirname, resolve } from 'node:path';

import { parseDocument } from 'yaml';

import { timeZoneOf } from '../../src/core/domain/periods';
import { optionNames } from '../../src/core/optionsSchema';
import { type Settings, settingsFrom } from '../../src/core/settings';
import { type Connections, type UpstreamName } from '../../src/core/upstream/connections';
import { fetchConnections } from '../../src/core/upstream/fetchConnections';
import { usageError } from '../exit';
import { openEndpoint, type OpenedEndpoint } from './endpoint';
import { explainByAddress } from './explain';
import { type Redact, redactedTransport, redactorOf } from './secrets';
import { contentOf, type Environment, fromEnvironment, fromFile, overlaid } from './upstreamSettings';

/** Everything that a command needs to ask. */
export interface Configuration {
  settings: Settings;
  connections: Connections;
  /** IANA name, or `utc`. */
  zone: string;
  /** Takes the secrets out of a text. */
  redact: Redact;
  /** For people: how each upstream is reached. */
  upstreams: Readonly<Record<'Loki' | 'Prometheus', string>>;
  close(): Promise<void>;
}

/** What of the command line decides the configuration. */
export interface Given {
  /** Path of the configuration file. */
  config?: string;
  timezone?: string;
  lokiUrl?: string;
  prometheusUrl?: string;
}

/** Keys of the file beside the options of the data source. */
const ownKeys = ['timezone', 'uid', 'loki', 'prometheus'] as const;

/**
 * The configuration by the command line, which goes before the environment, which goes before the file. Throws a told error that
 * names the cause and the cure, and no secret.
 */
export function readConfiguration(given: Given, environment: Environment): Configuration {
  const path = given.config ?? environment['OSCAR_USAGE_CONFIG'];
  const file = path ? readFile(resolve(path)) : { stored: {}, folder: '.' };
  const { timezone, uid, loki, prometheus, ...options } = file.stored;
  const settings = settingsOf({ ...options, ...ofEnvironment(environment) }, uid);
  const zone = zoneOf(given.timezone ?? timezone ?? 'UTC');
  const open = (upstream: UpstreamName, stored: unknown, url: string | undefined) => {
    const texts = overlaid(fromFile(upstream, stored, file.folder), fromEnvironment(upstream, environment));
    return openEndpoint(upstream, url ? { ...texts, url } : texts);
  };
  const opened = {
    loki: open('Loki', loki, given.lokiUrl),
    prometheus: open('Prometheus', prometheus, given.prometheusUrl),
  };
  const all = Object.values(opened).filter((one) => one !== undefined);
  if (all.length === 0) {
    throw usageError(
      'no address of Loki or Prometheus is given; set OSCAR_LOKI_URL and OSCAR_PROMETHEUS_URL, or name a file with --config'
    );
  }
  const redact = redactorOf(all.flatMap(({ secrets }) => secrets));
  const connections = fetchConnections({
    ...(opened.loki && { loki: opened.loki.endpoint }),
    ...(opened.prometheus && { prometheus: opened.prometheus.endpoint }),
  });
  const described = (one: OpenedEndpoint | undefined) => one?.description ?? 'no address is given';
  return {
    settings,
    connections: {
      ...connections,
      transport: redactedTransport(connections.transport, redact),
      own: { explain: explainByAddress },
    },
    zone,
    redact,
    upstreams: { Loki: described(opened.loki), Prometheus: described(opened.prometheus) },
    async close() {
      await Promise.all(all.map((one) => one.close()));
    },
  };
}

/** Options that the environment may set, for those who need no file otherwise. */
const optionVariables = {
  OSCAR_RECORDS_SELECTOR: 'recordsSelector',
  OSCAR_RECORDS_PUBLIC_KEY: 'recordsPublicKey',
} as const;

function ofEnvironment(environment: Environment): Record<string, string> {
  const set = Object.entries(optionVariables).flatMap(([name, option]) => {
    const value = environment[name];
    return value ? [[option, value] as const] : [];
  });
  return Object.fromEntries(set);
}

function readFile(path: string): { stored: Record<string, unknown>; folder: string } {
  const document = parseDocument(contentOf(path, 'the configuration'), { prettyErrors: true });
  const [error] = document.errors;
  if (error) {
    // The pretty form quotes the line, which may hold a secret.
    const where = error.linePos?.[0];
    throw usageError(`${path} is not YAML${where ? ` (line ${where.line}, column ${where.col})` : ''}: ${error.code}`);
  }
  const stored: unknown = document.toJS();
  if (stored !== null && stored !== undefined && (typeof stored !== 'object' || Array.isArray(stored))) {
    throw usageError(`${path} must hold keys and values, such as "timezone: Europe/Madrid"`);
  }
  return { stored: (stored ?? {}) as Record<string, unknown>, folder: dirname(path) };
}

function settingsOf(options: Readonly<Record<string, unknown>>, uid: unknown): Settings {
  if (uid !== undefined && uid !== null && typeof uid !== 'string') {
    throw usageError('uid must be the uid of the data source in Grafana, as a text in quotation marks');
  }
  const settings = settingsFrom(options, uid ?? '');
  const { problem, unknownOptions, users, pseudonymKey } = settings;
  if (unknownOptions.length > 0) {
    const keys = unknownOptions.length === 1 ? 'unknown key' : 'unknown keys';
    throw usageError(
      `${keys} ${unknownOptions.join(', ')} in the configuration; valid are: ${[...ownKeys, ...optionNames].join(', ')}`
    );
  }
  if (problem !== undefined) {
    throw usageError(problem);
  }
  if (users === 'pseudonym' && pseudonymKey === '') {
    throw usageError(
      'users: pseudonym needs a key; set uid to the uid of the data source in Grafana, for the same pseudonyms as there, or set usersSalt'
    );
  }
  return settings;
}

function zoneOf(given: unknown): string {
  const zone = typeof given === 'string' ? timeZoneOf(given.trim()) : undefined;
  if (zone === undefined) {
    throw usageError(
      `unknown time zone ${JSON.stringify(given)}; use a name of the IANA database, such as Europe/Madrid or UTC`
    );
  }
  return zone;
}
