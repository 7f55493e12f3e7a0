import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { type ToldError } from '../exit';
import { type Configuration, type Given, readConfiguration } from './configuration';
import { redactorOf } from './secrets';
import { type Environment } from './upstreamSettings';

let folder: string;
const opened: Configuration[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'oscar-usage-config-'));
  mkdirSync(join(folder, 'secrets'));
  writeFileSync(join(folder, 'secrets', 'password'), 'correct horse\n');
  writeFileSync(join(folder, 'empty'), '\n');
});

afterAll(async () => {
  await Promise.all(opened.map((one) => one.close()));
  rmSync(folder, { recursive: true, force: true });
});

const urls = { OSCAR_LOKI_URL: 'https://logs.example.org/gateway/', OSCAR_PROMETHEUS_URL: 'http://metrics:9090' };

function read(environment: Environment = urls, yaml?: string, given: Given = {}): Configuration {
  const config = join(folder, 'oscar-usage.yaml');
  if (yaml !== undefined) {
    writeFileSync(config, yaml);
  }
  const read = readConfiguration({ ...(yaml !== undefined && { config }), ...given }, environment);
  opened.push(read);
  return read;
}

function problem(environment: Environment, yaml?: string, given?: Given): string {
  try {
    read(environment, yaml, given);
  } catch (error) {
    expect((error as ToldError).exitCode).toBe(2);
    return (error as Error).message;
  }
  throw new Error('there is no problem');
}

it('takes addresses from the environment, and defaults for the rest', () => {
  const { upstreams, zone, settings } = read();
  expect(upstreams).toEqual({ Loki: 'https://logs.example.org/gateway', Prometheus: 'http://metrics:9090' });
  expect(zone).toBe('utc');
  expect(settings.servicesNamespace).toBe('oscar-svc');
});

it('reads connections and options from a file, whose paths begin at its folder', () => {
  const { upstreams, zone, settings, redact } = read(
    {},
    `
timezone: Europe/Madrid
uid: oscar-metrics
loki: { url: https://logs.example.org, username: reports, passwordFile: secrets/password, tenant: oscar }
servicesNamespace: jobs
users: pseudonym
roster: ['a@example.org']
`
  );
  expect(upstreams).toEqual({
    Loki: 'https://logs.example.org (user reports, tenant oscar)',
    Prometheus: 'no address is given',
  });
  expect(zone).toBe('Europe/Madrid');
  expect(settings).toMatchObject({
    servicesNamespace: 'jobs',
    roster: ['a@example.org'],
    pseudonymKey: 'oscar-metrics',
  });
  expect(redact('Basic cmVwb3J0czpjb3JyZWN0IGhvcnNl, correct horse')).toBe('Basic ***, ***');
});

it('lets the command line go before the environment, and that before the file', () => {
  const yaml = 'timezone: Europe/Madrid\nloki: { url: http://file, username: u, passwordFile: secrets/password }';
  const environment = { OSCAR_LOKI_URL: 'http://environment', OSCAR_LOKI_TENANT: 't' };
  expect(read({}, yaml).upstreams.Loki).toBe('http://file (user u)');
  expect(read(environment, yaml).upstreams.Loki).toBe('http://environment (user u, tenant t)');
  const given = { lokiUrl: 'http://arguments', timezone: 'Asia/Tokyo' };
  expect(read(environment, yaml, given)).toMatchObject({
    upstreams: { Loki: 'http://arguments (user u, tenant t)' },
    zone: 'Asia/Tokyo',
  });
  // A way to authenticate takes the place of the file's.
  expect(read({ OSCAR_LOKI_PASSWORD: 'p' }, yaml).redact('p correct horse')).toBe('*** correct horse');
  const { config } = { config: join(folder, 'oscar-usage.yaml') };
  expect(read({ OSCAR_USAGE_CONFIG: config }).zone).toBe('Europe/Madrid');
});

it.each<[string, Environment, string | undefined, RegExp]>([
  ['no address', {}, undefined, /no address of Loki or Prometheus is given; set OSCAR_LOKI_URL/],
  ['a secret without an address', { OSCAR_LOKI_TOKEN: 'x' }, undefined, /Loki has no address, though its token is set/],
  ['no URL', { OSCAR_LOKI_URL: 'loki' }, undefined, /the address of Loki is not a URL/],
  ['another protocol', { OSCAR_LOKI_URL: 'ftp://loki' }, undefined, /must begin with http:\/\/ or https:\/\//],
  ['a query in the address', { OSCAR_LOKI_URL: 'http://loki/?x=1' }, undefined, /root of its API/],
  [
    'a user alone',
    { ...urls, OSCAR_LOKI_USERNAME: 'u' },
    undefined,
    /has a user, but no password; set OSCAR_LOKI_PASS/,
  ],
  ['a password alone', { ...urls, OSCAR_LOKI_PASSWORD: 'p' }, undefined, /no user; set OSCAR_LOKI_USERNAME/],
  [
    'two secrets',
    { ...urls, OSCAR_PROMETHEUS_TOKEN: 'a', OSCAR_PROMETHEUS_PASSWORD: 'b' },
    undefined,
    /Prometheus has several secrets/,
  ],
  ['a missing file', { ...urls, OSCAR_LOKI_TOKEN_FILE: '/no/such/file' }, undefined, /\/no\/such\/file does not exist/],
  [
    'a missing CA file',
    { ...urls, OSCAR_LOKI_CA_FILE: '/no/such/ca' },
    undefined,
    /CA file of Loki: .* does not exist/,
  ],
  ['a zone that is none', urls, 'timezone: Mars/Olympus', /unknown time zone "Mars\/Olympus"; use a name of the IANA/],
  [
    'a slip in a key',
    urls,
    "rooster: ['a']\nknown_gaps: []",
    /^unknown keys rooster, known_gaps .* valid are: timezone, /,
  ],
  ['a slip in an entry', urls, 'knownGaps: [{ from: 2026-10-05, until: x }]', /unknown key knownGaps\[0\]\.until/],
  ['an option that is not valid', urls, 'users: nobody', /option users: unknown value "nobody"; valid are: full/],
  ['an unknown key of an upstream', urls, 'loki: { adress: x }', /unknown key loki\.adress; valid are: url, /],
  ['a number as a tenant', urls, 'loki: { tenant: 7 }', /loki\.tenant must be a text, not number/],
  ['a list as an upstream', urls, 'loki: [x]', /loki must hold \{url, .*not a list/],
  ['pseudonyms without a key', urls, 'users: pseudonym', /users: pseudonym needs a key; set uid/],
  ['no object', urls, '- a\n- b', /must hold keys and values/],
])('%s is an error with its cure', (_, environment, yaml, message) => {
  expect(problem(environment, yaml)).toMatch(message);
});

describe('a secret', () => {
  const secret = 'hunter2-secret';
  it.each<[string, Environment, string | undefined]>([
    ['in an address', { OSCAR_LOKI_URL: `https://u:${secret}@logs.example.org` }, undefined],
    ['in what is no address', { OSCAR_LOKI_URL: `u:${secret}@` }, undefined],
    ['in the file', urls, `loki: { url: 'http://x', password: ${secret} }`],
    ['as a token in the file', urls, `prometheus: { url: 'http://x', token: ${secret} }`],
    ['in YAML that is none', urls, `loki: { passwordFile: "${secret}`],
    ['with a line end in it', { ...urls, OSCAR_LOKI_TOKEN: `${secret}\nX: y` }, undefined],
    ['that is not ASCII', { ...urls, OSCAR_LOKI_TOKEN: `${secret}é` }, undefined],
  ])('%s is refused and not shown', (_, environment, yaml) => {
    expect(problem(environment, yaml)).not.toContain('hunter2');
  });

  it('must not be empty', () => {
    expect(problem({ ...urls, OSCAR_LOKI_TOKEN_FILE: join(folder, 'empty') })).toMatch(/empty is empty/);
  });
});

it('has only certificates in a CA file', () => {
  writeFileSync(join(folder, 'no.pem'), '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  expect(problem({ ...urls, OSCAR_LOKI_CA_FILE: join(folder, 'no.pem') })).toMatch(/holds no certificates in PEM form/);
});

it('redacts the longest secret first, and nothing without one', () => {
  expect(redactorOf(['abc', 'abcdef', ''])('abcdef abc x')).toBe('*** *** x');
  expect(redactorOf([])('abc')).toBe('abc');
});
