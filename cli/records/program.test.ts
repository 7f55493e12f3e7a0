import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';

import { dayMs } from '../../src/core/domain/duration';
import { epoch, type KnownEntry, managerLine } from '../../src/testing/arbitraries';
import { isAboutRecords, recordSeries } from '../../src/testing/recordSeries';
import { serveUpstreams, type Upstreams } from '../../stack/standalone/upstreams';
import { run } from '../program';

const day = (offset: number) => new Date(epoch + offset * dayMs).toISOString().slice(0, 10);
const noon = (offset: number) => epoch + offset * dayMs + dayMs / 2;

function entry(time: number, user: string): KnownEntry {
  const meaning = { type: 'sync', service: 'cowsay', user, country: 'ES', outcome: 'succeeded' } as const;
  const line = managerLine(meaning, 'seconds');
  return { time: BigInt(time) * 1_000_000n, labels: { geoip_country_code: 'ES' }, line, meaning };
}

const entries: KnownEntry[] = [-1, 0, 1, 2, 3, 4].flatMap((offset) => [
  entry(noon(offset), 'a@example.org'),
  entry(noon(offset) + 1, `user-${offset}`),
]);

interface Stored {
  ns: string;
  line: string;
}

/** A Loki that holds the lines of `entries` and what is pushed, and a Prometheus. Of one that keeps nothing, all lines are gone. */
class Cluster {
  stored: Stored[] = [];
  /** Status to answer pushes with; undefined: they are taken. */
  refusal: { status: number; text: string } | undefined;
  pushes = 0;
  streams: unknown[] = [];
  private upstreams!: Upstreams;
  private server!: Server;
  url = '';

  async open(list: readonly KnownEntry[]) {
    this.upstreams = await serveUpstreams(list, { metric: 'hours_of_a_window', service: 'cowsay', hours: 0.25 });
    this.server = createServer((request, response) => {
      void this.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'Content-Type': status < 300 && body ? 'application/json' : 'text/plain' });
        response.end(body);
      });
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get prometheusUrl() {
    return this.upstreams.prometheusUrl;
  }

  close() {
    this.server.closeAllConnections();
    this.server.close();
    this.upstreams.close();
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: string }> {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    if (pathname === '/loki/api/v1/push') {
      return this.push(await bodyOf(request));
    }
    const query = searchParams.get('query') ?? '';
    if (isAboutRecords(query)) {
      return { status: 200, body: JSON.stringify(this.records(query, searchParams)) };
    }
    const response = await fetch(`${this.upstreams.lokiUrl}${request.url}`, { method: request.method });
    return { status: response.status, body: await response.text() };
  }

  private push(body: string) {
    this.pushes += 1;
    if (this.refusal) {
      return { status: this.refusal.status, body: this.refusal.text };
    }
    const { streams } = JSON.parse(body) as { streams: Array<{ stream: unknown; values: Array<[string, string]> }> };
    for (const { stream, values } of streams) {
      this.streams.push(stream);
      this.stored.push(...values.map(([ns, line]) => ({ ns, line })));
    }
    return { status: 204, body: '' };
  }

  private records(query: string, params: URLSearchParams) {
    const digest = /oscar_metrics_query", "([^"]+)"/.exec(query)?.[1] ?? '';
    const end = params.get('end') ?? '0';
    const lines = this.stored.map(({ ns, line }) => ({ ns: BigInt(ns), line }));
    const proof = { metric: { oscar_metrics_query: digest }, values: [[Number(end) / 1e9, '0']] };
    const result = [...recordSeries(lines, query, end), proof];
    return { status: 'success', data: { resultType: 'matrix', result } };
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

let cluster: Cluster;

beforeEach(async () => {
  cluster = new Cluster();
  await cluster.open(entries);
});

afterEach(() => cluster.close());

async function oscarUsage(words: string, environment: Record<string, string> = {}, now = epoch + 4 * dayMs) {
  const written = { stdout: '', stderr: '' };
  const to = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await run(words.split(' '), {
    stdout: to('stdout'),
    stderr: to('stderr'),
    environment: { OSCAR_LOKI_URL: cluster.url, OSCAR_PROMETHEUS_URL: cluster.prometheusUrl, ...environment },
    now: () => now,
    signal: new AbortController().signal,
  });
  return { code, ...written };
}

const secret = Buffer.alloc(32, 7).toString('base64');
const requests = '--families requests';

describe('record', () => {
  it('records settled days that have no record, and leaves them alone afterwards', async () => {
    const first = await oscarUsage(`record ${requests} --days 3`);
    expect(first.stderr).toBe('3 records written, read again and valid\n');
    expect(first.stdout.split('\n').map((line) => line.replace(/[\d.]+ kB/, '# kB'))).toEqual([
      ...[0, 1, 2].map((offset) => `${day(offset)}  requests  recorded: 2 requests, 2 users, # kB`),
      '',
    ]);
    expect(first.code).toBe(0);
    expect(cluster.streams).toEqual(
      Array.from({ length: 3 }, () => ({ job: 'oscar-usage-records', family: 'requests' }))
    );
    const again = await oscarUsage(`record ${requests} --days 3`);
    expect(again).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(cluster.stored).toHaveLength(3);
  });

  it('writes nothing in a dry run, and no day that is not settled', async () => {
    const { code, stdout } = await oscarUsage(`record ${requests} --days 2 --dry-run`);
    expect(stdout).toContain('would be recorded: 2 requests');
    expect([code, cluster.pushes]).toEqual([0, 0]);
    const early = await oscarUsage(`record ${requests} --days ${day(3)}`, {}, epoch + 4 * dayMs);
    expect(early.code).toBe(2);
    expect(early.stderr).toContain(`${day(3)} is not settled yet; the last day (UTC) that is, is ${day(2)}`);
  });

  it('names no user with --users hashed or none', async () => {
    await oscarUsage(`record ${requests} --days 1 --users none`);
    await oscarUsage(`record ${requests} --days ${day(1)} --users hashed`, {
      OSCAR_RECORDS_USERS_KEY: 'a key of enough characters',
    });
    expect(cluster.stored).toHaveLength(2);
    for (const { line } of cluster.stored) {
      const { data } = JSON.parse(line) as { data: string };
      const document = await new Response(
        new Blob([Buffer.from(data, 'base64')]).stream().pipeThrough(new DecompressionStream('gzip'))
      ).text();
      expect(document).not.toMatch(/example\.org|user-/);
    }
    const keyless = await oscarUsage(`record ${requests} --users hashed`);
    expect([keyless.code, keyless.stderr]).toEqual([2, expect.stringContaining('set OSCAR_RECORDS_USERS_KEY')]);
  });

  it('records anew what was cut off, and what is not signed where a key is given', async () => {
    await oscarUsage(`record ${requests} --days 1`);
    cluster.stored = cluster.stored.map(({ ns, line }) => ({ ns, line: line.slice(0, -10) }));
    const cut = await oscarUsage(`record ${requests} --days 1`);
    expect(cut.stderr).toBe('1 record written, read again and valid\n');
    const signed = await oscarUsage(
      `record ${requests} --days 1`,
      { OSCAR_RECORDS_SIGNING_KEY: secret },
      epoch + 4 * dayMs + 5
    );
    expect(signed.stderr).toBe('1 record written, read again and valid\n');
    const { stdout } = await oscarUsage('record --public-key', { OSCAR_RECORDS_SIGNING_KEY: secret });
    const trusting = { OSCAR_RECORDS_PUBLIC_KEY: stdout.trim() };
    const reader = await oscarUsage(`verify ${requests} --days 1 --random 0`, trusting, epoch + 4 * dayMs + 10);
    expect(reader).toMatchObject({ code: 0, stderr: '' });
    expect(reader.stdout).toContain('the same: 1, different: 0, not compared: 0');
    expect(JSON.stringify([signed, reader])).not.toContain(secret);
  });

  it('does no harm when two run at once', async () => {
    const both = await Promise.all([1, 2].map(() => oscarUsage(`record ${requests} --days 2`)));
    expect(both.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, '2 records written, read again and valid\n'],
      [0, '2 records written, read again and valid\n'],
    ]);
    const { stdout } = await oscarUsage(`verify ${requests} --days 2 --random 0`, {}, epoch + 4 * dayMs + 10);
    expect(stdout).toContain('the same: 2, different: 0, not compared: 0');
  });

  it('makes up for a run that was ended while it wrote', async () => {
    await oscarUsage(`record ${requests} --days 3`);
    cluster.stored = cluster.stored.slice(0, 1);
    const again = await oscarUsage(`record ${requests} --days 3`, {}, epoch + 4 * dayMs + 10);
    expect(again.stderr).toBe('2 records written, read again and valid\n');
  });

  it('does not record what is not known, and says so', async () => {
    for (const family of ['cpu', 'gpu']) {
      const { code, stdout } = await oscarUsage(`record --families ${family} --days 1`);
      expect(stdout).toContain('not recorded, nothing is known of it');
      expect([code, cluster.pushes]).toEqual([3, 0]);
    }
  });

  it.each([
    [401, 'no credentials', /must allow pushing \[HTTP 401: no credentials\]/],
    [404, 'not found', /does not take pushes/],
    [400, 'max entry size 100 bytes exceeded', /max_line_size/],
  ])('names the cause and the cure where Loki answers a push with %s', async (status, text, expected) => {
    cluster.refusal = { status, text };
    const { code, stderr } = await oscarUsage(`record ${requests} --days 1`);
    expect(stderr).toMatch(expected);
    expect(code).toBe(1);
  });

  it('tells when Loki took a record and does not give it back', async () => {
    const pushed = await oscarUsage(`record ${requests} --days 1`, {
      OSCAR_RECORDS_PUBLIC_KEY: Buffer.alloc(32, 9).toString('base64'),
    });
    expect([pushed.code, pushed.stderr]).toEqual([1, expect.stringContaining('it is not signed with the key')]);
  });

  it.each([
    ['OSCAR_RECORDS_SELECTOR', '{job=~"x"}', 'must name labels'],
    ['OSCAR_RECORDS_SIGNING_KEY', 'short', '32 bytes in base64'],
    ['OSCAR_RECORDS_PUBLIC_KEY', 'short', '32 bytes in base64'],
    ['OSCAR_RECORDS_USERS_KEY', 'short', 'fewer than 16'],
  ])('refuses a wrong %s', async (name, value, expected) => {
    const { code, stderr } = await oscarUsage('record', { [name]: value });
    expect([code, stderr]).toEqual([2, expect.stringContaining(expected)]);
  });
});

describe('verify', () => {
  it('compares days with their records, and finds what came late', async () => {
    await oscarUsage(`record ${requests} --days 3`);
    const same = await oscarUsage(`verify ${requests} --days 2 --random 5 --within 3`);
    expect(same.stdout).toContain('the same: 3, different: 0, not compared: 0');
    expect(same.code).toBe(0);
    const { stored } = cluster;
    cluster.close();
    cluster = new Cluster();
    await cluster.open([...entries, entry(noon(2) + 5000, 'late')]);
    cluster.stored = stored;
    const late = await oscarUsage(`verify ${requests} --days 3 --random 0`);
    expect(late.stdout).toContain(`${day(2)}  requests  different: requests: 2 recorded, 3 counted`);
    expect(late.stdout).toContain('the same: 2, different: 1, not compared: 0');
    expect(late.code).toBe(5);
  });
});
