import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { lastValueFrom } from 'rxjs';

import { dayMs, hourMs, minuteMs } from '../../src/core/domain/duration';
import { type Span } from '../../src/core/domain/span';
import { type UsageOptions } from '../../src/core/options';
import { defaultRecordsSelector } from '../../src/core/optionsSchema';
import { type DayCounts, type DayHours, recordFamilies, spanOfDay } from '../../src/core/records/dayRecord';
import { type RecordedDay } from '../../src/core/records/readRecords';
import { RecordArchive } from '../../src/core/records/recordArchive';
import { numbersIn, recordedCells, recordedHours } from '../../src/core/records/recordedCells';
import { countKeys } from '../../src/core/requests/counting';
import { gridOf } from '../../src/core/requests/grid';
import { KeyTable } from '../../src/core/requests/keyTable';
import { createSession } from '../../src/core/session';
import { settingsFrom } from '../../src/core/settings';
import { lokiClient } from '../../src/core/upstream/connections';
import { fetchConnections } from '../../src/core/upstream/fetchConnections';
import { provenTransport } from '../../src/core/upstream/proof';
import { StatedLimits } from '../../src/core/upstream/statedLimits';
import { rowsOfAnswer } from '../../stack/core/asking';
import { resolveBinaries, startLoki, startPrometheus, stopEngines } from '../../stack/engines';
import { silentLog } from '../../stack/lib/progress';
import { type OpenStack } from '../../stack/openStack';
import { type Scenes, writeScenes } from '../../stack/records/scenes';
import { tamperings } from '../../stack/records/tampering';
import { expectedSummary } from '../../stack/traffic';
import { type CommandLine, openCommandLine } from './support/commandLine';
import { fixedTraffic, openTraffic } from './support/traffic';

let directory: string;
let stack: OpenStack;
let program: CommandLine;
let direct: Record<string, string>;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'oscar-metrics-engines-'));
  program = await openCommandLine();
  stack = await openTraffic(directory, fixedTraffic);
  direct = { OSCAR_LOKI_URL: stack.loki.url, OSCAR_PROMETHEUS_URL: stack.prometheus.url };
});

afterAll(async () => {
  program?.close();
  await stopEngines();
  rmSync(directory, { recursive: true, force: true });
});

/** Around the day on which Madrid sets its clock back. */
const days = ['2025-10-25', '2025-10-26', '2025-10-27'];

async function recordedDays(): Promise<RecordedDay[]> {
  const connections = fetchConnections({ loki: { url: stack.loki.url } });
  const client = lokiClient({ ...connections, transport: provenTransport(connections.transport) });
  const archive = new RecordArchive(() => Date.now(), new StatedLimits());
  const span = { start: Date.parse(days[0] ?? ''), end: Date.parse(days[2] ?? '') + dayMs };
  return lastValueFrom(
    archive.find(client, { selector: defaultRecordsSelector, trust: {}, families: recordFamilies, span })
  );
}

it('records days, once, and as they are counted anew', async () => {
  const first = await program.run(['record', '--days', `${days[0]}..${days[2]}`, '--allow-incomplete'], direct);
  expect(first.stderr).toMatch(/records written, read again and valid/);
  expect(first.code).toBe(0);
  const again = await program.run(['record', '--days', `${days[0]}..${days[2]}`, '--families', 'requests'], direct);
  expect([again.code, again.stdout]).toEqual([0, '']);
  const verified = await program.run(['verify', '--days', `${days[0]}..${days[2]}`, '--random', '0'], direct);
  expect(verified.stdout).toMatch(/different: 0/);
  expect(verified.code).toBe(0);
});

it('holds the requests of the truth, also of the days of another time zone', async () => {
  const recorded = await recordedDays();
  const table = new KeyTable(() => undefined, '');
  const whole: Span = { start: Date.parse('2025-10-25T22:00Z'), end: Date.parse('2025-10-26T23:00Z') };
  expect(whole.end - whole.start).toBe(25 * hourMs);
  const cells = recorded.flatMap(({ family, day, valid }) => {
    if (family !== 'requests' || !valid) {
      return [];
    }
    const record = valid.record as DayCounts;
    const span = spanOfDay(day) as Span;
    return recordedCells(record, span, whole, gridOf(whole, 'Europe/Madrid', 'day'), numbersIn(table, record)).cells;
  });
  const keys = countKeys({ cells, table }, whole, undefined);
  const expected = expectedSummary(stack.truth, { from: whole.start, to: whole.end });
  const processed = keys.where('outcome', (outcome) => outcome !== 'rejected');
  expect(processed.total).toBe(expected.requests_count_total);
  expect(processed.countBy('user').size).toBe(expected.users_count);
});

it('holds the exposed requests of the truth', async () => {
  const recorded = await recordedDays();
  for (const day of days) {
    const own = recorded.find((one) => one.family === 'exposed' && one.day === day)?.valid?.record as DayCounts;
    const table = new KeyTable(() => undefined, '');
    const span = spanOfDay(day) as Span;
    const { cells } = recordedCells(own, span, span, gridOf(span, 'utc', 'hour'), numbersIn(table, own));
    const processed = countKeys({ cells, table }, span, undefined).where(
      'outcome',
      (outcome) => outcome !== 'rejected'
    );
    const expected = expectedSummary(stack.truth, { from: span.start, to: span.end });
    expect([day, processed.total]).toEqual([day, expected.requests_count_exposed]);
  }
});

it.each(['cpu', 'gpu'] as const)('holds the %s hours of the reports', async (family) => {
  const recorded = (await recordedDays()).filter((one) => one.family === family && one.valid);
  expect(recorded).toHaveLength(days.length);
  for (const { day, valid } of recorded) {
    const hours = recordedHours(valid?.record as DayHours, spanOfDay(day) as Span, spanOfDay(day) as Span);
    const column = `${family}_hours_total` as const;
    const { stdout } = await program.run(
      ['report', '--from', day, '--to', day, '--columns', column, '--format', 'json'],
      direct
    );
    const [row] = (JSON.parse(stdout) as { rows: Array<Record<typeof column, number>> }).rows;
    const sum = [...hours.values()].reduce((total, own) => total + own, 0);
    expect(sum).toBeGreaterThan(0);
    expect(Math.abs(sum - (row?.[column] ?? NaN))).toBeLessThan(1e-6 * sum);
  }
});

/** The rows of a report, as JSON has them. */
async function rowsOf(
  words: readonly string[],
  environment: Record<string, string>
): Promise<Array<Record<string, unknown>>> {
  const { stdout, stderr, code } = await program.run(['report', ...words, '--format', 'json'], environment);
  expect([code, stderr.replace(/\r.*|.*\r/g, '')]).toEqual([0, expect.anything()]);
  const { rows } = JSON.parse(stdout) as { rows: Array<Record<string, unknown>> };
  return rows.map(({ completeness: _, completeness_notes: _1, ...row }) => row);
}

/** The figures without hours, and the hours. */
function parted(rows: ReadonlyArray<Record<string, unknown>>) {
  const isHours = ([name, value]: readonly [string, unknown]) => typeof value === 'number' && name.includes('hours');
  const entries = rows.map((row) => Object.entries(row));
  return {
    counts: entries.map((row) => Object.fromEntries(row.filter((one) => !isHours(one)))),
    hours: entries.flatMap((row) => row.filter(isHours).map(([, value]) => value as number)),
  };
}

/**
 * Hours are sums of quarter hours, each rounded to a billionth of an hour. What pods without a sample used is estimated by the day: in a
 * record by that of UTC.
 */
const hoursTolerance: Readonly<Record<string, number>> = { UTC: 1e-6, 'Europe/Madrid': 2e-3 };

it.each([
  ['summary', '--interval', 'day', '--include-users'],
  ['breakdown', '--group-by', 'service'],
  ['breakdown', '--group-by', 'user'],
  ['breakdown', '--group-by', 'country'],
  ['services'],
])('gives %s %s %s from records as from logs and samples, over days with and without one', async (...words) => {
  const without = join(directory, 'without.yaml');
  writeFileSync(without, "recordsSelector: ''\n");
  for (const zone of ['UTC', 'Europe/Madrid']) {
    // A day before the records, and one after them; the ends are no quarter hours.
    const range = ['--from', '2025-10-24T07:07:00Z', '--to', '2025-10-28T11:11:00Z', '--timezone', zone];
    const mixed = await rowsOf([...words, ...range], direct);
    const expected = await rowsOf([...words, ...range, '--config', without], direct);
    expect(expected.length).toBeGreaterThan(0);
    const [found, wanted] = [parted(mixed), parted(expected)];
    expect(found.counts).toEqual(wanted.counts);
    found.hours.forEach((hours, index) => {
      const other = wanted.hours[index] ?? NaN;
      expect(Math.abs(hours - other)).toBeLessThanOrEqual((hoursTolerance[zone] ?? 0) * Math.max(1, other));
    });
  }
});

/** The records of three days, to be written anew. */
async function originalsAt(recordedAt: number) {
  return (await recordedDays()).flatMap(({ day, valid }) => (valid ? [{ day, record: valid.record, recordedAt }] : []));
}

const threeDays = { start: Date.parse(days[0] as string), end: Date.parse(days[2] as string) + dayMs };

/** The summary of three days, as a session answers it at a time (ms since the epoch). */
async function summaryAt(lokiUrl: string, options: UsageOptions, now: number) {
  const connections = fetchConnections({ loki: { url: lokiUrl } });
  const session = createSession(settingsFrom(options), connections, () => now);
  const answer = await lastValueFrom(session.answer({ queryType: 'summary' }, threeDays, 'utc'));
  if (answer.kind === 'failure') {
    throw new Error(answer.message);
  }
  const { requests_count_total, requests_count_exposed, users_count } = rowsOfAnswer(answer)[0] ?? {};
  const states = answer.completeness.filter(({ source }) => /request-logs/.test(source));
  return {
    figures: { requests_count_total, requests_count_exposed, users_count },
    isOk: states.every(({ status }) => status === 'ok'),
    notes: states.flatMap(({ notes }) => notes).join('; '),
  };
}

function trueFigures() {
  const { requests_count_total, requests_count_exposed, users_count } = expectedSummary(stack.truth, {
    from: threeDays.start,
    to: threeDays.end,
  });
  return { requests_count_total, requests_count_exposed, users_count };
}

describe('records that somebody tampered with, where the logs are there', () => {
  let scenes: Scenes;

  beforeAll(async () => {
    scenes = await writeScenes(stack.loki.url, await originalsAt(threeDays.end + 6 * hourMs));
  });

  it.each(tamperings)('gives the truth after %s', async (tampering) => {
    const { figures } = await summaryAt(stack.loki.url, scenes[tampering], threeDays.end + 1.5 * dayMs);
    expect(figures).toEqual(trueFigures());
  });

  it('believes what is forged where no key is set, as the documentation says', async () => {
    const { recordsSelector } = scenes.forged;
    const { figures } = await summaryAt(stack.loki.url, { recordsSelector }, threeDays.end + 1.5 * dayMs);
    expect(figures.requests_count_total).toBeGreaterThan(trueFigures().requests_count_total + 1000);
  });
});

describe('where Loki keeps a week, and Prometheus two days', () => {
  const columns = [
    ...['requests_count_total', 'requests_count_sync', 'requests_count_async', 'requests_count_exposed'],
    ...['users_count', 'countries_count', 'cpu_hours_total', 'gpu_hours_total'],
  ];
  const range = ['--from', days[0] as string, '--to', days[2] as string];
  const words = [...range, '--columns', columns.join()];
  let later: Record<string, string>;
  let streams: Array<{ stream: Record<string, string>; values: Array<[string, string]> }>;

  const push = async (body: { streams: typeof streams }) => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(`${later.OSCAR_LOKI_URL}/loki/api/v1/push`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(204);
  };

  beforeAll(async () => {
    const binaries = await resolveBinaries(silentLog);
    const loki = await startLoki({
      binary: binaries.loki,
      dataDirectory: join(directory, 'later-loki'),
      preferredPort: 0,
      retention: '7d',
    });
    const prometheus = await startPrometheus({
      binary: binaries.prometheus,
      dataDirectory: join(directory, 'later-prometheus'),
      preferredPort: 0,
      retention: '2d',
    });
    later = { OSCAR_LOKI_URL: loki.url, OSCAR_PROMETHEUS_URL: prometheus.url };
    const question = new URLSearchParams({ query: defaultRecordsSelector, since: '1h', limit: '1000' });
    const response = await fetch(`${stack.loki.url}/loki/api/v1/query_range?${question}`);
    const { data } = (await response.json()) as { data: { result: typeof streams } };
    const own = ({ stream: { job = '', family = '' } }: (typeof streams)[number]) => ({ job, family });
    streams = data.result.map((one) => ({ stream: own(one), values: [...one.values].reverse() }));
    expect(streams.length).toBeGreaterThanOrEqual(4);
    await push({ streams });
  });

  const expected = () => {
    const range = { from: Date.parse(days[0] ?? ''), to: Date.parse(days[2] ?? '') + dayMs };
    const { requests_count_total, requests_count_sync, requests_count_async, requests_count_exposed, users_count } =
      expectedSummary(stack.truth, range);
    return { requests_count_total, requests_count_sync, requests_count_async, requests_count_exposed, users_count };
  };

  it('gives the figures of the truth from records alone, and says that they are complete', async () => {
    const { stdout, code, stderr } = await program.run(
      [
        'report',
        ...range,
        '--columns',
        'requests_count_total,requests_count_exposed,gpu_hours_total',
        '--format',
        'json',
        '--strict',
      ],
      later
    );
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stdout).toContain('"completeness": "ok"');
    const [row = {}] = await rowsOf(words, later);
    expect(row).toMatchObject(expected());
    const [hours = {}] = await rowsOf(words, direct);
    for (const column of ['cpu_hours_total', 'gpu_hours_total']) {
      expect(Number(row[column])).toBeGreaterThan(0);
      expect(Math.abs(Number(row[column]) - Number(hours[column]))).toBeLessThan(1e-5);
    }
  });

  it('names a newer record that somebody changed, and takes the former one', async () => {
    const [stream] = streams.filter(({ stream: { family } }) => family === 'requests');
    const [ns, line] = stream?.values.find(([, text]) => text.includes(`"day":"${days[1]}"`)) ?? ['0', ''];
    const at = BigInt(Date.now()) * 1_000_000n;
    const changed = line.replace(/"recordedAt":"[^"]*"/, `"recordedAt":"${new Date().toISOString()}"`);
    // Without its id it is nothing; with it, its header is another one.
    expect([changed === line, ns]).toEqual([false, expect.anything()]);
    const cut = line.slice(0, -20);
    await push({
      streams: [
        {
          stream: stream?.stream ?? {},
          values: [
            [String(at), changed],
            [String(at + 1n), cut],
          ],
        },
      ],
    });
    const [row = {}] = await rowsOf(words, later);
    expect(row).toMatchObject(expected());
  });

  describe('records that somebody tampered with', () => {
    let scenes: Scenes;

    beforeAll(async () => {
      scenes = await writeScenes(later.OSCAR_LOKI_URL as string, await originalsAt(Date.now() - 10 * minuteMs));
    });

    it.each(['none', 'written-twice', 'forged'] as const)('gives the truth after %s', async (tampering) => {
      const { figures } = await summaryAt(later.OSCAR_LOKI_URL as string, scenes[tampering], Date.now());
      expect(figures).toEqual(trueFigures());
    });

    it.each([
      ['part-missing', /3 of 3 days no longer available/],
      ['crash', /parts are missing/],
      ['data-changed', /3 of 3 days no longer available/],
      ['header-changed', /3 of 3 days no longer available/],
      ['older-version', /version 0 of the patterns/],
      ['other-selectors', /other options: servicesNamespace/],
    ] as const)('flags the figures after %s, and says why', async (tampering, reason) => {
      const { isOk, notes } = await summaryAt(later.OSCAR_LOKI_URL as string, scenes[tampering], Date.now());
      expect([isOk, notes]).toEqual([false, expect.stringMatching(reason)]);
    });
  });
});
