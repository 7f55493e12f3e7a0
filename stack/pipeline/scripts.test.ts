import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { repositoryRoot } from '../lib/repository';
import { countryDatabase } from './mmdb';

// The scripts that start the collector in a cluster, with programs of ours in the place of curl and Alloy.
const script = (name: string) => join(repositoryRoot, 'deploy/alloy', name);
const database = countryDatabase([['192.0.2.0/24', 'ES']], new Date(0));
const empty = countryDatabase([], new Date(0));

let directory: string;
let state: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'oscar-metrics-scripts-'));
  state = join(directory, 'state');
  mkdirSync(state);
  writeFileSync(join(directory, 'empty.mmdb'), empty);
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(shell: string, given: readonly string[], env: Record<string, string>) {
  const { status, stdout, stderr } = spawnSync(shell, given, {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${directory}:${process.env.PATH}`, STATE: state, ...env },
  });
  return { status, output: stdout + stderr };
}

describe('country-database.sh', () => {
  /** A curl that answers with a file, or fails, and notes which address it was asked for. */
  function answerWith(content?: Buffer): void {
    const answer = join(directory, 'answer');
    if (content) {
      writeFileSync(answer, content);
    }
    const text = `#!/bin/sh\nfor last; do :; done\necho "$last" >> ${directory}/asked\nwhile [ "$1" != --output ]; do shift; done\ncp ${answer} "$2"\n`;
    writeFileSync(join(directory, 'curl'), text, { mode: 0o755 });
  }
  const fetched = () => readFileSync(join(state, 'country.mmdb'));
  const start = (url = 'https://example.org/%Y-%m.mmdb.gz') =>
    run('sh', [script('country-database.sh')], { GEOIP_URL: url, EMPTY: join(directory, 'empty.mmdb') });

  it.each([
    ['as it is', database],
    ['with gzip', gzipSync(database)],
  ])('takes a database %s, of this month', (_, content) => {
    answerWith(content);
    expect(start()).toMatchObject({ status: 0 });
    expect(fetched()).toEqual(database);
    expect(readFileSync(join(directory, 'asked'), 'utf8')).toMatch(/^https:\/\/example\.org\/20\d\d-\d\d\.mmdb\.gz\n$/);
  });

  it('starts with an empty one where none is configured, or none can be fetched', () => {
    expect(start('')).toMatchObject({
      status: 0,
      output: expect.stringContaining('No country database is configured'),
    });
    expect(fetched()).toEqual(empty);
    rmSync(join(state, 'country.mmdb'));
    answerWith();
    expect(start()).toMatchObject({ status: 0, output: expect.stringContaining('until one can be fetched') });
    expect(fetched()).toEqual(empty);
  });

  it('keeps the previous one where the answer is something else', () => {
    writeFileSync(join(state, 'country.mmdb'), database);
    answerWith(Buffer.from('<html>Too many requests</html>'));
    expect(start()).toMatchObject({ status: 0, output: expect.stringContaining('not a database') });
    expect(fetched()).toEqual(database);
  });

  it('asks again only when it is old', () => {
    const large = Buffer.concat([Buffer.alloc(200_000), database]);
    const file = join(state, 'country.mmdb');
    writeFileSync(file, large);
    answerWith(database);
    start();
    expect(fetched()).toEqual(large);
    utimesSync(file, 0, 0);
    start();
    expect(fetched()).toEqual(database);
  });

  it('keeps the database after an end that was not in order, since lines are read again', () => {
    writeFileSync(join(state, 'country.mmdb'), empty);
    writeFileSync(join(state, 'running'), '');
    answerWith(database);
    expect(start()).toMatchObject({ status: 0 });
    expect(fetched()).toEqual(empty);
  });
});

describe('start.sh', () => {
  const start = (command: readonly string[], env: Record<string, string> = {}) =>
    run('bash', [script('start.sh'), ...command], {
      POSITIONS: 'a.*/positions.yml',
      // Nobody listens there.
      LOKI_PUSH_URL: 'http://127.0.0.1:1/loki/api/v1/push',
      ...env,
    });

  it('does not trust an end while Loki is away, nor one with an error', () => {
    expect(start(['true'])).toEqual({ status: 0, output: '' });
    expect(existsSync(join(state, 'running'))).toBe(true);
    expect(start(['sh', '-c', 'exit 3'])).toMatchObject({ status: 3 });
    expect(existsSync(join(state, 'running'))).toBe(true);
  });

  it('forgets how far it had read after such an end, and nothing else', () => {
    mkdirSync(join(state, 'a.manager'));
    const notes = join(state, 'a.manager/positions.yml');
    writeFileSync(notes, '');
    writeFileSync(join(state, 'country.mmdb'), '');
    start(['true']);
    expect(existsSync(notes)).toBe(true);
    expect(start(['true']).output).toContain('is read again');
    expect(existsSync(notes)).toBe(false);
    expect(existsSync(join(state, 'country.mmdb'))).toBe(true);
  });

  it.each([{}, { USER_SALT: 'short' }, { USER_SALT: '"; quote 0123456789' }])(
    'makes no hashes with the salt %j',
    (env) => {
      expect(start(['true', '/scripts/private.alloy'], { USER_SALT: '', ...env })).toMatchObject({
        status: 1,
        output: expect.stringContaining('USER_SALT'),
      });
      expect(start(['true', '/scripts/private.alloy'], { USER_SALT: '0123456789abcdef' }).status).toBe(0);
    }
  );
});
