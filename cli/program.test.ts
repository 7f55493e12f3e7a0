import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { dayMs } from '../src/core/domain/duration';
import { queryTypes } from '../src/core/query';
import { epoch, type KnownEntry, managerLine } from '../src/testing/arbitraries';
import { serveUpstreams, type Upstreams } from '../stack/standalone/upstreams';
import { run } from './program';

const day = (offset: number) => new Date(epoch + offset * dayMs).toISOString().slice(0, 10);

/** A request a minute after each of three midnights (UTC), and one the day after. */
const entries = [0, 1, 2, 3].map((offset): KnownEntry => {
  const meaning = {
    type: 'sync',
    service: 'cowsay',
    user: offset === 1 ? '=cmd()' : `user-${offset}`,
    country: 'ES',
    outcome: 'succeeded',
  } as const;
  return {
    time: BigInt(epoch + offset * dayMs + 60_000) * 1_000_000n,
    labels: { geoip_country_code: 'ES' },
    line: managerLine(meaning, 'seconds'),
    meaning,
  };
});

let upstreams: Upstreams;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'oscar-usage-program-'));
  upstreams = await serveUpstreams(entries, { metric: 'hours_of_a_window', service: 'cowsay', hours: 1.25 });
  writeFileSync(
    join(folder, 'oscar-usage.yaml'),
    `exposedSelector: ''\ncpuQuery: 'hours_of_a_window{of="{{range}}"}'\nloki: { url: '${upstreams.lokiUrl}' }\nprometheus: { url: '${upstreams.prometheusUrl}' }\n`
  );
});

afterAll(() => {
  upstreams.close();
  rmSync(folder, { recursive: true, force: true });
});

const threeDays = ['--from', day(0), '--to', day(2)];

async function oscarUsage(
  programArguments: readonly string[],
  environment: Record<string, string> = { OSCAR_USAGE_CONFIG: join(folder, 'oscar-usage.yaml') },
  changes: { signal?: AbortSignal; isTTY?: boolean } = {}
) {
  const written = { stdout: '', stderr: '' };
  const to = (name: keyof typeof written) => ({
    isTTY: changes.isTTY,
    write: (text: string) => (written[name] += text),
  });
  const code = await run(programArguments, {
    stdout: to('stdout'),
    stderr: to('stderr'),
    environment,
    now: () => epoch + 100 * dayMs,
    signal: changes.signal ?? new AbortController().signal,
  });
  return { code, ...written };
}

describe('report', () => {
  const requests = ['--columns', 'requests_count_total'];

  it('writes what the upstreams hold', async () => {
    const { code, stdout, stderr } = await oscarUsage(['report', ...threeDays, ...requests, '--format', 'csv']);
    expect(stdout).toBe('requests_count_total,completeness,time_zone\n3,ok,UTC\n');
    expect(stderr).toMatch(new RegExp(`^summary, ${day(0)}T00:00:00.000\\+00:00 to ${day(2)}T23:59:59.999`));
    expect(stderr).toMatch(/complete: yes\n$/);
    expect(code).toBe(0);
  });

  it('counts the days of another time zone', async () => {
    const range = ['--from', day(1), '--to', day(1), '--timezone', 'America/Los_Angeles'];
    const { stdout } = await oscarUsage(['report', ...range, ...requests, '--format', 'jsonl', '--interval', 'day']);
    expect(JSON.parse(stdout)).toEqual({
      period: day(1),
      requests_count_total: 1,
      completeness: 'ok',
      time_zone: 'America/Los_Angeles',
    });
  });

  it('has no cell that a spreadsheet would run', async () => {
    const { stdout } = await oscarUsage(['report', 'breakdown', '--group-by', 'user', ...threeDays, '--format', 'csv']);
    expect(stdout).toMatch(/^'=cmd\(\),/m);
    expect(stdout).not.toMatch(/^=/m);
  });

  it('ends with 3 where it is not complete and --strict is given, and writes it all the same', async () => {
    // The Prometheus has no GPU hours.
    const { code, stdout, stderr } = await oscarUsage(['report', ...threeDays, '--format', 'json', '--strict']);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({
      complete: false,
      rows: [{ gpu_hours_total: null, requests_count_total: 3 }],
    });
    expect(stderr).toBe('error: the report is not complete (--strict)\n');
    expect((await oscarUsage(['report', ...threeDays, '--format', 'json'])).code).toBe(0);
    const whole = ['report', ...threeDays, ...requests, '--strict'];
    expect((await oscarUsage(whole)).code).toBe(0);
  });

  it('is not complete before its range has ended', async () => {
    const { code, stdout } = await oscarUsage(['report', '--from', day(0), '--to', day(101), ...requests, '--strict']);
    expect(code).toBe(3);
    expect(stdout).toMatch(/warning: the range has not ended yet/);
  });

  it('writes a file as a whole, and leaves nothing beside it', async () => {
    const file = join(folder, 'out.csv');
    writeFileSync(file, 'before');
    const arguments_ = ['report', ...threeDays, ...requests, '--format', 'csv', '--out', file];
    const { code, stdout, stderr } = await oscarUsage([...arguments_, '--quiet']);
    expect([code, stdout, stderr]).toEqual([0, '', '']);
    expect(readFileSync(file, 'utf8')).toBe('requests_count_total,completeness,time_zone\n3,ok,UTC\n');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const nowhere = await oscarUsage(['report', ...threeDays, ...requests, '--out', join(folder, 'no', 'file')]);
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('does not exist') });
  });

  it('shows progress only where it is asked for, or on a terminal', async () => {
    expect((await oscarUsage(['report', ...threeDays, ...requests, '--quiet'])).stderr).toBe('');
    const shown = await oscarUsage(['report', ...threeDays, ...requests, '--progress']);
    expect(shown.stderr).toMatch(/^reading: \d+ requests answered, 0 under way/m);
    const terminal = await oscarUsage(['report', ...threeDays, ...requests], undefined, { isTTY: true });
    expect(terminal.stderr).toContain('\r\u001b[K');
  });

  it('stops when it is interrupted, and writes nothing', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const interruption = new AbortController();
    setTimeout(() => interruption.abort(), 50);
    const file = join(folder, 'interrupted.csv');
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const { code, stderr } = await oscarUsage(
      ['report', ...threeDays, '--out', file],
      { OSCAR_LOKI_URL: url },
      {
        signal: interruption.signal,
      }
    );
    silent.closeAllConnections();
    silent.close();
    expect([code, stderr, existsSync(file)]).toEqual([130, 'error: interrupted\n', false]);
  });
});

describe('wrong arguments', () => {
  it.each<[string, string[], RegExp]>([
    [
      'an unknown report',
      ['report', 'sumary'],
      /'sumary' is invalid for argument 'report'.*Allowed choices are summary, metric/,
    ],
    ['an unknown option', ['report', '--mouth', '2026-10'], /unknown option '--mouth'[^]*Did you mean --month/],
    ['an unknown command', ['reports'], /unknown command 'reports'/],
    ['an unknown format', ['report', '--format', 'xls'], /Allowed choices are table, csv, json, jsonl, md, html/],
    [
      'an unknown grouping',
      ['report', 'breakdown', '--group-by', 'team'],
      /Allowed choices are service, user, country/,
    ],
    ['a breakdown by nothing', ['report', 'breakdown'], /needs --group-by, one of service, user, country/],
    [
      'a grouping of another report',
      ['report', 'country', '--group-by', 'user'],
      /--group-by is for the report breakdown/,
    ],
    [
      'a metric of another report',
      ['report', '--metric', 'cpu-hours'],
      /--metric is for the report metric, not summary/,
    ],
    ['users of another report', ['report', 'country', '--include-users'], /--include-users is for the reports summary/],
    ['an unknown column', ['report', '--columns', 'x'], /unknown column "x"; valid are: start_time, /],
    ['a limit of 0', ['report', '--limit', '0'], /must be a whole number above 0/],
    ['a coverage over 100', ['report', '--minimum-coverage', '101'], /a number from 0 to 100/],
    ['an empty service', ['report', '--services', 'a,,b'], /A name is empty/],
    ['two ranges', ['report', '--month', '2026-10', '--last', '7d'], /--month and --last exclude each other/],
    ['a title of a table', ['report', '--title', 'x'], /--title is for --format html/],
    ['columns of the whole page', ['report', '--format', 'html', '--columns', 'x'], /takes only --limit and --title/],
    ['no time series', ['report', 'reconciliation', '--over-time'], /has no time series/],
    ['an unknown zone', ['report', '--timezone', 'Mars'], /unknown time zone "Mars"/],
    ['an unknown shell', ['completion', 'csh'], /Allowed choices are bash, zsh, fish/],
    ['a password as an option', ['report', '--password', 'x'], /unknown option '--password'/],
  ])('%s', async (_, programArguments, message) => {
    const before = upstreams.headers.length;
    const { code, stdout, stderr } = await oscarUsage(programArguments);
    expect(stderr).toMatch(message);
    expect([code, stdout]).toEqual([2, '']);
    expect(upstreams.headers.length).toBe(before);
  });
});

describe('an upstream that refuses', () => {
  const secret = 'hunter2-secret';
  let url: string;
  let seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    // Whoever quotes what it got gives it away.
    response
      .writeHead(401, { 'Content-Type': 'text/plain' })
      .end(`who is ${request.headers.authorization} (${secret})?`);
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(() => (seen = []));

  const basic = () => ({
    OSCAR_LOKI_URL: url,
    OSCAR_LOKI_USERNAME: 'reports',
    OSCAR_LOKI_PASSWORD: secret,
    OSCAR_LOKI_TENANT: 'oscar',
  });
  const encoded = Buffer.from(`reports:${secret}`).toString('base64');

  function expectNoSecret(...texts: string[]): void {
    for (const text of texts) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(encoded);
    }
  }

  it('gets the credentials and the tenant, and is named with what to change', async () => {
    const { code, stdout, stderr } = await oscarUsage(['report', 'membership', ...threeDays], basic());
    expect(seen[0]).toMatchObject({ authorization: `Basic ${encoded}`, 'x-scope-orgid': 'oscar' });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(
      /^error: Loki rejects the credentials; check OSCAR_LOKI_USERNAME .*who is Basic \*\*\* \(\*\*\*\)\?/
    );
    expectNoSecret(stderr);
  });

  it('leaves the figures of the other one, with an exit code of its own', async () => {
    const environment = { ...basic(), OSCAR_USAGE_CONFIG: join(folder, 'oscar-usage.yaml') };
    for (const format of ['table', 'csv', 'json', 'jsonl', 'md', 'html']) {
      const report = format === 'html' ? [] : ['summary'];
      const { code, stdout, stderr } = await oscarUsage(
        ['report', ...report, ...threeDays, '--format', format],
        environment
      );
      expect(code).toBe(4);
      expect(stderr).toMatch(/^error: Loki rejects the credentials/m);
      expect(stdout).toMatch(/3\.75/);
      expectNoSecret(stdout, stderr);
    }
  });

  it('fails the check', async () => {
    const { code, stdout, stderr } = await oscarUsage(['check'], {
      ...basic(),
      OSCAR_PROMETHEUS_URL: url,
      OSCAR_PROMETHEUS_TOKEN: secret,
    });
    expect(seen.map(({ authorization }) => authorization)).toContain(`Bearer ${secret}`);
    expect(code).toBe(1);
    expect(stdout).toMatch(/error +Loki: Loki rejects the credentials/);
    expect(stdout).toMatch(/Loki +http:\/\/127\.0\.0\.1:\d+ \(user reports, tenant oscar\)/);
    expect(stdout).toMatch(/Prometheus +http:\/\/127\.0\.0\.1:\d+ \(a token\)/);
    expect(stdout).toMatch(/request-logs +unknown +Loki rejects/);
    expectNoSecret(stdout, stderr);
  });
});

describe('help', () => {
  it.each([['report'], ['check'], ['record'], ['verify'], ['completion']])('of %s has examples', async (command) => {
    const { code, stdout } = await oscarUsage([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples:\n {2}\S*.*oscar-usage/);
  });

  it('lists the commands, the environment and the exit codes', async () => {
    const { code, stdout } = await oscarUsage(['--help']);
    expect(code).toBe(0);
    for (const text of [
      'report',
      'check',
      'completion',
      'OSCAR_LOKI_PASSWORD'.slice(0, 10),
      '3 not complete, with --strict',
    ]) {
      expect(stdout).toContain(text);
    }
  });
});

describe('completion', () => {
  /** What bash offers for a command line whose last word is not finished. */
  async function offered(...words: string[]): Promise<string[]> {
    const { stdout: script } = await oscarUsage(['completion', 'bash']);
    const list = ['oscar-usage', ...words].map((word) => `'${word}'`).join(' ');
    const probe = `${script}\nCOMP_WORDS=(${list}); COMP_CWORD=${words.length}; _oscar_usage; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', probe], { encoding: 'utf8' }).trim().split('\n');
  }

  it('offers commands, reports, options and values in bash', async () => {
    expect(await offered('')).toEqual(['report', 'check', 'record', 'verify', 'completion', '--help', '--version']);
    expect(await offered('report', '--format', 'j')).toEqual(['json', 'jsonl']);
    expect(await offered('report', '-f', 'c')).toEqual(['csv']);
    expect(await offered('report', '--mo')).toEqual(['--month']);
    expect(await offered('report', 's')).toEqual(['summary', 'services']);
    expect(await offered('completion', 'z')).toEqual(['zsh']);
    expect(await offered('report', '--config', `${folder}/oscar`)).toEqual([`${folder}/oscar-usage.yaml`]);
  });

  it('names every report and option in zsh and fish', async () => {
    const { stdout: zsh } = await oscarUsage(['completion', 'zsh']);
    const { stdout: fish } = await oscarUsage(['completion', 'fish']);
    expect(zsh).toMatch(/^#compdef oscar-usage\n/);
    expect(zsh).toContain(`'1:name:(${queryTypes.join(' ')})'`);
    expect(zsh).toContain("'--format[output format]:value:(table csv json jsonl md html)'");
    expect(fish).toContain(`'__fish_seen_subcommand_from report' -a '${queryTypes.join(' ')}'`);
    expect(fish).toMatch(/-l format -s f -x -a 'table csv json jsonl md html' -d 'output format'/);
  });
});
