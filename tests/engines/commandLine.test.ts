import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hourMs } from '../../src/core/domain/duration';
import { readCsv } from '../../stack/fuzz/csv';
import { createHost, type Host } from '../../stack/host';
import { type OpenStack } from '../../stack/openStack';
import { expectedByService, expectedSummary, type Range } from '../../stack/traffic';
import { ask, type DataSource, type OscarTarget, over } from './support/answers';
import { type CommandLine, openCommandLine } from './support/commandLine';
import { type Gateway, openGateway, tlsFile } from './support/gateway';
import { openScratch, type Scratch } from './support/scratch';
import { fixedTraffic, openTraffic } from './support/traffic';

let scratch: Scratch;
let stack: OpenStack;
let program: CommandLine;
let direct: Record<string, string>;

beforeAll(async () => {
  scratch = await openScratch();
  program = await openCommandLine();
  stack = await openTraffic(scratch.directory, fixedTraffic);
  direct = { OSCAR_LOKI_URL: stack.loki.url, OSCAR_PROMETHEUS_URL: stack.prometheus.url };
});

afterAll(async () => {
  program?.close();
  await scratch?.close();
});

const october: Range = { from: Date.parse('2025-10-01T00:00Z'), to: Date.parse('2025-11-01T00:00Z') };
/** With a day of 25 hours. */
const octoberInMadrid: Range = { from: Date.parse('2025-09-30T22:00Z'), to: Date.parse('2025-10-31T23:00Z') };

/** Hours come from samples; counts are exact. */
const hoursTolerance = 0.15;

type Row = Record<string, string>;

function csvRows(text: string): Row[] {
  const [head = [], ...rows] = readCsv(text);
  return rows.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
}

describe('a report', () => {
  let host: Host;
  let dataSource: DataSource;

  beforeAll(async () => {
    host = await createHost({ lokiUrl: stack.loki.url, prometheusUrl: stack.prometheus.url });
    dataSource = host.createDataSource();
  });

  it('has the figures of the truth', async () => {
    const { code, stdout } = await program.run(['report', '--month', '2025-10', '--format', 'json'], direct);
    expect(code).toBe(0);
    const { rows, time_zone } = JSON.parse(stdout) as { rows: Array<Record<string, unknown>>; time_zone: string };
    const {
      users: _,
      cpu_hours_total: cpu,
      gpu_hours_total: _1,
      attribution_percent,
      ...counts
    } = expectedSummary(stack.truth, october);
    expect(time_zone).toBe('UTC');
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject(counts);
    expect(rows[0]?.attribution_percent).toBe(Math.round((attribution_percent ?? NaN) * 10) / 10);
    expect(Math.abs(Number(rows[0]?.cpu_hours_total) / (cpu ?? NaN) - 1)).toBeLessThan(hoursTolerance);
  });

  it('has the rows of the truth as CSV', async () => {
    const { code, stdout, stderr } = await program.run(
      ['report', 'breakdown', '--group-by', 'service', '--month', '2025-10', '--format', 'csv'],
      direct
    );
    expect(code).toBe(0);
    const byKey = new Map(csvRows(stdout).map((row) => [row.key, row]));
    const expected = expectedByService(stack.truth, october);
    const columns = [
      'requests_count_total',
      'requests_count_sync',
      'requests_count_async',
      'requests_count_exposed',
      'requests_count_failed',
      'unique_users_count',
      'countries',
    ] as const;
    expect([...byKey.keys()].sort()).toEqual(expected.map(({ key }) => key).sort());
    for (const one of expected) {
      for (const column of columns) {
        expect([one.key, column, byKey.get(one.key)?.[column]]).toEqual([one.key, column, String(one[column] ?? '')]);
      }
    }
    expect(stderr).toMatch(/^breakdown by service, 2025-10 /);
  });

  it.each<[OscarTarget, string[]]>([
    [{ queryType: 'summary', includeUsers: true }, ['summary', '--include-users']],
    [{ queryType: 'summary', interval: 'week' }, ['summary', '--interval', 'week']],
    [{ queryType: 'metric' }, ['metric']],
    [{ queryType: 'breakdown', groupBy: 'user', limit: 5 }, ['breakdown', '--group-by', 'user', '--limit', '5']],
    [{ queryType: 'country' }, ['country']],
    [{ queryType: 'membership' }, ['membership']],
    [{ queryType: 'services' }, ['services']],
    [{ queryType: 'completeness' }, ['completeness']],
    [{ queryType: 'reconciliation' }, ['reconciliation']],
  ])('has the rows of the data source: %j', async (target, programArguments) => {
    const zone = 'Europe/Madrid';
    const [answer] = await ask(host, dataSource, [target], over(octoberInMadrid, zone));
    const range = ['--month', '2025-10', '--timezone', zone, '--format', 'json'];
    const { stdout } = await program.run(['report', ...programArguments, ...range], direct);
    // When it was asked.
    const timeless = (rows: ReadonlyArray<Record<string, unknown>> = []) =>
      rows.map(({ last_updated: _, ...row }) => row);
    const { rows } = JSON.parse(stdout) as { rows: Array<Record<string, unknown>> };
    expect(rows.length).toBeGreaterThan(0);
    expect(timeless(rows)).toEqual(timeless(answer?.rows));
  });

  it('has the days of a time zone, also where the clocks change', async () => {
    const { stdout } = await program.run(
      [
        ...['report', '--month', '2025-10', '--timezone', 'Europe/Madrid', '--format', 'csv'],
        ...['--interval', 'day', '--columns', 'requests_count_total', '--strict'],
      ],
      direct
    );
    const rows = csvRows(stdout);
    expect(rows).toHaveLength(31);
    const start = (day: number) => octoberInMadrid.from + (day - 1) * 24 * hourMs + (day > 26 ? hourMs : 0);
    for (const [index, row] of rows.entries()) {
      const range = { from: start(index + 1), to: start(index + 2) };
      expect(row).toEqual({
        period: `2025-10-${String(index + 1).padStart(2, '0')}`,
        requests_count_total: String(expectedSummary(stack.truth, range).requests_count_total),
        completeness: 'ok',
        time_zone: 'Europe/Madrid',
      });
    }
    expect(start(32)).toBe(octoberInMadrid.to);
  });

  it('is not complete where it begins before the logs do', async () => {
    const range = ['--from', '2025-09-01', '--to', '2025-10-31', '--columns', 'requests_count_total'];
    const { code, stdout, stderr } = await program.run(['report', ...range, '--strict', '--format', 'csv'], direct);
    expect(code).toBe(3);
    expect(csvRows(stdout)[0]).toMatchObject({ completeness: 'partial' });
    expect(stderr).toMatch(/warning: request logs: \d+ of 61 days before the first data/);
  });

  it('is a page with the figures of the month', async () => {
    const file = join(program.folder, 'october.html');
    const { code, stdout } = await program.run(
      ['report', '--month', '2025-10', '--timezone', 'Europe/Madrid', '--format', 'html', '--out', file, '--quiet'],
      direct
    );
    expect([code, stdout]).toEqual([0, '']);
    const page = readFileSync(file, 'utf8');
    const { requests_count_total, users_count } = expectedSummary(stack.truth, octoberInMadrid);
    expect(page).toContain(`<b>${requests_count_total.toLocaleString('en-US')}</b>`);
    expect(page).toContain(`<b>${users_count.toLocaleString('en-US')}</b><span>users</span>`);
    expect(page).toMatch(/<svg [^>]*aria-label="Requests by day"/);
    expect(page).not.toMatch(/<script|(?:src|href)=/);
  });
});

describe('behind a gateway', () => {
  const password = 'correct-horse-battery';
  const token = 'token-of-the-test';
  const basic = `Basic ${Buffer.from(`reports:${password}`).toString('base64')}`;
  let loki: Gateway;
  let prometheus: Gateway;
  let good: Record<string, string>;

  beforeAll(async () => {
    loki = await openGateway(stack.loki.url, { authorization: basic, tenant: 'oscar' });
    prometheus = await openGateway(stack.prometheus.url, { authorization: `Bearer ${token}` });
    writeFileSync(join(program.folder, 'password'), `${password}\n`);
    writeFileSync(
      join(program.folder, 'oscar-usage.yaml'),
      [
        'timezone: Europe/Madrid',
        `loki: { url: '${loki.url}', username: reports, passwordFile: password, tenant: oscar, caFile: '${tlsFile('authority.pem')}' }`,
        `prometheus: { url: '${prometheus.url}', caFile: '${tlsFile('authority.pem')}' }`,
        '',
      ].join('\n')
    );
    good = { OSCAR_USAGE_CONFIG: 'oscar-usage.yaml', OSCAR_PROMETHEUS_TOKEN: token };
  });

  afterAll(() => Promise.all([loki?.close(), prometheus?.close()]));

  const report = [
    'report',
    '--month',
    '2025-10',
    '--columns',
    'requests_count_total,cpu_hours_total',
    '--format',
    'csv',
  ];

  function expectNoSecret(...texts: string[]): void {
    for (const secret of [password, token, basic.slice('Basic '.length)]) {
      expect(texts.filter((text) => text.includes(secret))).toEqual([]);
    }
  }

  it('has the same figures', async () => {
    const { code, stdout, stderr } = await program.run(report, good);
    expect(code).toBe(0);
    expect(csvRows(stdout)[0]).toMatchObject({
      requests_count_total: String(expectedSummary(stack.truth, octoberInMadrid).requests_count_total),
      time_zone: 'Europe/Madrid',
    });
    expect(Number(csvRows(stdout)[0]?.cpu_hours_total)).toBeGreaterThan(0);
    expectNoSecret(stdout, stderr);
  });

  describe('of Loki', () => {
    interface Wrong {
      what: string;
      changes: (closedUrl: string) => Record<string, string>;
      cause: RegExp;
    }
    const wrongs: Wrong[] = [
      {
        what: 'a wrong password',
        changes: () => ({ OSCAR_LOKI_PASSWORD: 'wrong-password' }),
        cause: /Loki rejects the credentials; check OSCAR_LOKI_USERNAME/,
      },
      {
        what: 'another authority',
        changes: () => ({ OSCAR_LOKI_CA_FILE: tlsFile('other-authority.pem') }),
        cause: /certificate of Loki is not trusted.*OSCAR_LOKI_CA_FILE/,
      },
      {
        what: 'an unknown tenant',
        changes: () => ({ OSCAR_LOKI_TENANT: 'nobody' }),
        cause: /Loki denies access; .*OSCAR_LOKI_TENANT.*tenant nobody may not be read/,
      },
      {
        what: 'an unknown host',
        changes: () => ({ OSCAR_LOKI_URL: 'https://loki.invalid' }),
        cause: /the host of Loki is not known; check OSCAR_LOKI_URL/,
      },
      {
        what: 'an address at which nothing listens',
        changes: (closedUrl) => ({ OSCAR_LOKI_URL: closedUrl }),
        cause: /nothing listens at the address of Loki; check OSCAR_LOKI_URL.*ECONNREFUSED/,
      },
    ];
    let runs: Array<Awaited<ReturnType<CommandLine['run']>>>;

    // Together, as some of them wait for a while before they ask again.
    beforeAll(async () => {
      const closed = await openGateway(stack.loki.url, { authorization: basic });
      await closed.close();
      runs = await Promise.all(wrongs.map(({ changes }) => program.run(report, { ...good, ...changes(closed.url) })));
    });

    it.each(wrongs.map(({ what, cause }, index) => [what, cause, index] as const))(
      'names %s, and leaves the hours of Prometheus',
      (_, cause, index) => {
        const { code, stdout, stderr } = runs[index] as (typeof runs)[number];
        expect(stderr).toMatch(cause);
        expect(code).toBe(4);
        expect(csvRows(stdout)[0]).toMatchObject({ requests_count_total: '', completeness: 'missing' });
        expect(Number(csvRows(stdout)[0]?.cpu_hours_total)).toBeGreaterThan(0);
        expectNoSecret(stdout, stderr);
        expect(stderr).not.toContain('wrong-password');
      }
    );
  });

  it('names what is wrong with both', async () => {
    const wrong = { ...good, OSCAR_LOKI_TENANT: 'nobody', OSCAR_PROMETHEUS_TOKEN: 'wrong-token' };
    const { code, stdout, stderr } = await program.run(report, wrong);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^error: Loki denies access; .*Prometheus rejects the credentials; check OSCAR_PROMETHEUS_/);
    expect(stderr).not.toContain('wrong-token');
  });

  it('finds in a check what is wrong', async () => {
    const { code, stdout } = await program.run(['check'], { ...good, OSCAR_PROMETHEUS_TOKEN: 'wrong-token' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +Prometheus: Prometheus rejects the credentials/m);
    expect(stdout).toMatch(/^usage-cpu +unknown +Prometheus rejects the credentials/m);
    expect(stdout).not.toContain('wrong-token');
  });
});

describe('a check', () => {
  it('fails where no line has come for a month', async () => {
    const { code, stdout } = await program.run(['check'], direct);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^error +Loki: no stream matches \{namespace="oscar", app="oscar"\} in the last 30 days/m);
    expect(stdout).toMatch(/^request-logs +unknown +no stream matches/m);
    expect(stdout).toMatch(/^usage-cpu +yes +samples are kept for [\d,]+ days/m);
  });

  it('succeeds where there is one, and says how long it is kept', async () => {
    const line =
      '[GIN-EXECUTIONS-LOGGER] 2026-01-01T00:00:00Z | 200 | 12ms | 10.0.0.1 | POST    /run/cowsay | a@example.org';
    const values = [[`${Date.now()}000000`, line]];
    const streams = ['oscar', 'ingress-nginx'].map((app) => ({ stream: { namespace: app, app }, values }));
    const response = await fetch(`${stack.loki.url}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ streams }),
    });
    expect(response.status).toBe(204);
    const { code, stdout } = await program.run(['check', '--strict'], direct);
    expect(stdout).toMatch(/^ok +Loki: 1 request line in the last 24 hours/m);
    expect(stdout).toMatch(/^request-logs +yes +lines are kept without a limit/m);
    expect(stdout).toMatch(/^Retention for six months of reports: yes$/m);
    // It has no business to find out who could write.
    expect(stdout).not.toMatch(/viewers/);
    expect(code).toBe(0);
  });
});
