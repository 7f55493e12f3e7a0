import fc from 'fast-check';

import { entries, epoch, type KnownEntry, managerLine, recount, spanWithin, zone } from '../testing/arbitraries';
import { type FakeLokiOptions, type LogEntry } from '../testing/fakeLoki';
import { answerOver, recordedLines, type Recording } from '../testing/recordedCluster';
import { isAboutRecords } from '../testing/recordSeries';
import { type Answer } from './answer';
import { dayMs, hourMs, quarterHourMs } from './domain/duration';
import { type Span } from './domain/span';
import { type UsageOptions } from './options';
import { type UsageQuery } from './query';
import { keyIn } from './records/key';
import { publicKeyOf } from './records/signature';
import { UpstreamError } from './upstream/errors';

/** Days of UTC after `epoch`. */
const days = 4;
const now = epoch + 20 * dayMs;

const requestColumns = [
  ...['requests_count_total', 'requests_count_sync', 'requests_count_async', 'countries_count', 'countries'],
  ...['users_count', 'attribution_percent', 'users', 'requests_count_rejected', 'requests_count_failed'],
];

const queries: readonly UsageQuery[] = [
  { queryType: 'summary', columns: requestColumns },
  { queryType: 'summary', columns: requestColumns, interval: 'day' },
  { queryType: 'breakdown', groupBy: 'user' },
  { queryType: 'breakdown', groupBy: 'country' },
  { queryType: 'breakdown', groupBy: 'service', columns: ['requests_count_total', 'unique_users_count', 'countries'] },
  { queryType: 'membership' },
  { queryType: 'services', columns: ['first_seen', 'last_seen', 'requests_count_total'], limit: 3 },
  { queryType: 'metric', metric: 'requests-per-user' },
  { queryType: 'membership', format: 'timeseries', interval: 'hour' },
];

/** The figures of an answer; how complete they are stands beside them. */
function figuresOf(answer: Answer) {
  if (answer.kind === 'table') {
    const columns = answer.table.columns.filter(({ name }) => !name.startsWith('completeness'));
    return { columns: columns.map(({ name, values }) => [name, values]) };
  }
  return answer.kind === 'timeseries' ? answer.timeSeries : answer;
}

function statusOf(answer: Answer) {
  const own = answer.kind === 'failure' ? [] : answer.completeness;
  return own.find(({ source }) => source === 'request-logs');
}

async function recordsOf(logs: readonly LogEntry[], offsets: readonly number[], recording: Recording = {}) {
  return (await Promise.all(offsets.map((offset) => recordedLines(logs, offset, recording)))).flat();
}

const offsets = fc.subarray(Array.from({ length: days }, (_, offset) => offset));

it('answers every report from records as from logs, over any range of any zone', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries(days * 24, 40),
      offsets,
      spanWithin(days * 24),
      zone,
      fc.constantFrom(...queries),
      async (logs, recorded, range, inZone, query) => {
        const options = { zone: inZone, now };
        const records = await recordsOf(logs, recorded);
        const { answer } = await answerOver([...logs, ...records], query, range, options);
        const { answer: expected } = await answerOver(logs, query, range, options);
        expect(figuresOf(answer)).toEqual(figuresOf(expected));
        // A day without any line is one of the zone of the report, and one of UTC in a record.
        if (inZone === 'utc') {
          expect(statusOf(answer)?.status).toBe(statusOf(expected)?.status);
        }
      }
    ),
    { numRuns: 60 }
  );
});

/** A range of whole quarter hours. */
const quarters = spanWithin(days * 24).map(({ start, end }): Span => ({
  start: Math.floor(start / quarterHourMs) * quarterHourMs,
  end: Math.ceil(end / quarterHourMs) * quarterHourMs,
}));

it('answers from records alone as from logs that are gone', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries(days * 24, 40),
      quarters,
      zone,
      fc.constantFrom(...queries),
      fc.constantFrom<FakeLokiOptions>({ retention: '7d' }, { statesLimits: false }),
      async (logs, range, inZone, query, loki) => {
        const records = await recordsOf(logs, [0, 1, 2, 3], { allowIncomplete: true });
        const options = { zone: inZone, now };
        const { answer } = await answerOver(records, query, range, { ...options, loki });
        const { answer: expected } = await answerOver(logs, query, range, options);
        expect(figuresOf(answer)).toEqual(figuresOf(expected));
      }
    ),
    { numRuns: 40 }
  );
});

const total: UsageQuery = { queryType: 'summary', columns: ['requests_count_total', 'users_count'] };
const whole = { start: epoch, end: epoch + days * dayMs };

async function totalOver(
  list: readonly LogEntry[],
  { range = whole, ...about }: { range?: Span; now?: number; options?: UsageOptions; loki?: FakeLokiOptions } = {}
) {
  const { answer, fake } = await answerOver(list, total, range, { now, ...about });
  const row =
    answer.kind === 'table' ? Object.fromEntries(answer.table.columns.map((one) => [one.name, one.values[0]])) : {};
  return {
    requests: row['requests_count_total'],
    users: row['users_count'],
    status: statusOf(answer)?.status,
    notes: statusOf(answer)?.notes.join('; ') ?? '',
    fake,
  };
}

function entry(time: number, user: string): KnownEntry {
  const meaning = { type: 'sync', service: 'cowsay', user, country: 'ES', outcome: 'succeeded' } as const;
  const labels = { geoip_country_code: 'ES' };
  return { time: BigInt(time) * 1_000_000n, labels, line: managerLine(meaning, 'seconds'), meaning };
}

/** Three requests on each day, by two users. */
const logs = Array.from({ length: days }, (_, offset) =>
  [1, 5, 20].map((hour) => entry(epoch + offset * dayMs + hour * hourMs, hour === 1 ? 'a@b' : 'c@d'))
).flat();
const gone = { retention: '7d' };

it('reads no line of recorded days, and looks for no trace there', async () => {
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  const { requests, users, status, notes, fake } = await totalOver([...logs, ...records]);
  expect([requests, users, status]).toEqual([12, 2, 'ok']);
  expect(notes).toMatch(/^4 of 4 days come from usage records written between /);
  const asked = fake.requests.flatMap(({ params }) => params['query'] ?? []);
  expect(asked.filter((query) => !isAboutRecords(query))).toEqual([]);
});

it('asks nothing about records where none are used', async () => {
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  const { requests, fake } = await totalOver([...logs, ...records], { options: { recordsSelector: '' } });
  expect(requests).toBe(12);
  expect(fake.requests.filter(({ params }) => isAboutRecords(params['query'] ?? ''))).toEqual([]);
});

it('takes the newest valid record of a day', async () => {
  const older = await recordsOf(logs.slice(1), [0]);
  const newer = await recordsOf(logs, [0], { at: epoch + 2 * dayMs });
  const rest = await recordsOf(logs, [1, 2, 3]);
  const all = [...newer, ...older, ...rest];
  expect(await totalOver(all, { loki: gone })).toMatchObject({ requests: 12, status: 'ok' });
});

it('uses records of other options or an invalid newer one where the logs are gone, and says so', async () => {
  const other = await recordsOf(logs, [0, 1, 2, 3], { options: { requestSelector: '{app="other"}' } });
  expect(await totalOver([...logs, ...other])).toMatchObject({ requests: 12, status: 'ok' });
  const fromOther = await totalOver(other, { loki: gone });
  expect(fromOther).toMatchObject({ requests: 12, status: 'partial' });
  expect(fromOther.notes).toContain(
    'from the usage record of 4 days from 2026-10-24 to 2026-10-27: it was counted with other options: requestSelector'
  );
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  const broken = (await recordsOf(logs, [2], { at: now - dayMs })).map((one) => ({ ...one, line: `${one.line} ` }));
  expect(await totalOver([...logs, ...records, ...broken])).toMatchObject({ requests: 12, status: 'ok' });
  const withBroken = await totalOver([...records, ...broken], { loki: gone });
  expect(withBroken).toMatchObject({ requests: 12, status: 'partial' });
  expect(withBroken.notes).toMatch(/of 2026-10-26: a newer record, of .*, is not valid: the line is not written/);
});

it('leaves users empty over days that name them in different ways, and counts them where all do it in one', async () => {
  const hashed = { mode: 'hashed', key: 'a key' } as const;
  const records = await recordsOf(logs, [0, 1, 2, 3], { users: hashed });
  expect(await totalOver([...logs, ...records])).toMatchObject({ requests: 12, users: 2, status: 'ok' });
  expect(await totalOver(records, { loki: gone })).toMatchObject({ requests: 12, users: 2, status: 'ok' });
  const late = Array.from({ length: 8 }, (_, offset) => entry(now - offset * dayMs - hourMs, 'a@b'));
  const mixed = await totalOver([...records, ...late], { loki: gone, range: { start: epoch, end: now } });
  expect(mixed).toMatchObject({ users: null, status: 'partial' });
  expect(mixed.notes).toContain('users are not known: the usage records of 4 days do not name them');
  const none = await recordsOf(logs, [0, 1, 2, 3], { users: { mode: 'none' } });
  expect(await totalOver(none, { loki: gone })).toMatchObject({ requests: 12, users: null, status: 'partial' });
  const { answer } = await answerOver(records, { queryType: 'membership' }, whole, { now, loki: gone });
  expect(figuresOf(answer)).toMatchObject({
    columns: expect.arrayContaining([
      ['users_count', [2, 0, 0]],
      ['executions_count', [12, 0, 0]],
    ]) as unknown,
  });
});

it('believes only signed records where there is a key', async () => {
  const secretKey = Uint8Array.from({ length: 32 }, (_, index) => index);
  const options = { recordsPublicKey: publicKeyOf(secretKey) };
  expect(keyIn(options.recordsPublicKey)).toBeDefined();
  const signed = await recordsOf(logs, [0, 1, 2, 3], { secretKey });
  const forgery = [...logs, ...Array.from({ length: 50 }, (_, index) => entry(epoch + index, 'x@y'))];
  const forged = await recordsOf(forgery, [0, 1, 2, 3], { at: now - dayMs });
  const foreign = await recordsOf(forgery, [0], { at: now - 1, secretKey: secretKey.map((byte) => byte ^ 1) });
  const all = [...signed, ...forged, ...foreign];
  expect(await totalOver(all, { loki: gone, options })).toMatchObject({ requests: 12, status: 'ok' });
  // Without a key, whoever may push is believed.
  expect(await totalOver(all, { loki: gone })).toMatchObject({ requests: 62 });
});

it('keeps what is declared of a day: it is not complete, and the logs are asked first', async () => {
  const knownGaps = [{ from: '2026-10-25', to: '2026-10-25', source: 'request-logs', note: 'disk full' }];
  expect(await recordsOf(logs, [1], { options: { knownGaps } })).toEqual([]);
  const records = await recordsOf(logs, [0, 1, 2, 3], { options: { knownGaps }, allowIncomplete: true });
  expect(await totalOver([...logs, ...records])).toMatchObject({ requests: 12, status: 'ok' });
  const { status, notes } = await totalOver(records, { loki: gone });
  expect(status).toBe('partial');
  expect(notes).toMatch(/by the usage record of 2026-10-25: known gap from .*disk full/);
  const still = await totalOver(records, { loki: gone, options: { knownGaps } });
  expect(still.notes.match(/disk full/g)).toHaveLength(1);
});

it('reads days of the last week from the logs where their lines cannot be counted', async () => {
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  const late = entry(epoch + 2 * dayMs + hourMs, 'late@b');
  const isComparison = /^sum\(count_over_time\(.*\[86400000ms\]/;
  const fault: FakeLokiOptions['fault'] = ({ params }) =>
    isComparison.test(params['query'] ?? '') ? new UpstreamError('timeout', 'too slow') : undefined;
  const soon = { now: epoch + days * dayMs + 3 * hourMs, loki: { fault } };
  expect(await totalOver([...logs, late, ...records], soon)).toMatchObject({ requests: 13, users: 3, status: 'ok' });
});

it('reads days of the last week from the logs where lines came late or were lost, and names their records', async () => {
  const soon = { now: epoch + days * dayMs + 3 * hourMs };
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  const { notes: before, ...about } = await totalOver([...logs, ...records], soon);
  expect(about).toMatchObject({ requests: 12, status: 'ok' });
  expect(before).toMatch(/^4 of 4 days/);
  const late = await totalOver([...logs, entry(epoch + 2 * dayMs + hourMs, 'late@b'), ...records], soon);
  expect(late).toMatchObject({ requests: 13, users: 3, status: 'ok' });
  expect(late.notes).toMatch(/^3 of 4 days come from usage records/);
  expect(late.notes).toMatch(
    /the usage record of 2026-10-26, written at .*, counted 3 log lines, but Loki holds 4 now: the day was read from the log; the next run of oscar-usage record corrects it/
  );
  const lost = await totalOver([...logs.slice(0, -1), ...records], soon);
  expect(lost).toMatchObject({ requests: 11, status: 'partial' });
  // Where the retention has begun to take them, lines are fewer and the record is right.
  const expiring = await totalOver([...logs.slice(1), ...records], { ...soon, loki: { retention: '98h' } });
  expect(expiring).toMatchObject({ requests: 12, status: 'ok' });
});

type Tampering = (line: string, random: number) => string | undefined;

const tamperings: Readonly<Record<string, Tampering>> = {
  'taken away': () => undefined,
  'a digit changed': (line, random) => line.replace(/[0-9](?=[^0-9]*$)/, String(random % 10)),
  'a character of the data changed': (line, random) => {
    const at = line.indexOf('"data":"') + 8 + (random % 100);
    return `${line.slice(0, at)}${line[at] === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`;
  },
  'cut short': (line, random) => line.slice(0, random % line.length),
  'another day': (line) =>
    line.replace(/"day":"2026-10-2(\d)"/, (_, digit) => `"day":"2026-10-2${(Number(digit) + 1) % 10}"`),
  'another family': (line) => line.replace('"family":"requests"', '"family":"exposed"'),
  'a newer time': (line) => line.replace(/"recordedAt":"[^"]*"/, '"recordedAt":"2026-11-12T00:00:00.000Z"'),
  'written twice': (line) => `${line}`,
};

it('ends exact or flagged, whatever is done to the lines of a record', async () => {
  const records = await recordsOf(logs, [0, 1, 2, 3]);
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(tamperings)),
      fc.nat(1e6),
      fc.nat(3),
      fc.boolean(),
      fc.boolean(),
      fc.constantFrom<FakeLokiOptions>({ retention: '7d' }, { statesLimits: false }),
      async (name, random, victim, hasLogs, keepsOld, loki) => {
        const changed = records.flatMap((one, index) => {
          const line = index === victim ? (tamperings[name] as Tampering)(one.line, random) : one.line;
          const own = line === undefined ? [] : [{ ...one, line }];
          return index === victim && keepsOld && line !== undefined ? [one, ...own] : own;
        });
        const { requests, status } = await totalOver([...(hasLogs ? logs : []), ...changed], hasLogs ? {} : { loki });
        if (hasLogs) {
          expect([requests, status]).toEqual([12, 'ok']);
        } else if (status === 'ok') {
          expect(requests).toBe(12);
        }
      }
    ),
    { numRuns: 150 }
  );
});

it('gives 90 days from records where Loki keeps seven', async () => {
  const length = 90;
  const all = Array.from({ length }, (_, offset) => [
    entry(epoch + offset * dayMs + hourMs, 'a@b'),
    entry(epoch + offset * dayMs + 7 * hourMs, `u${offset % 30}@b`),
  ]).flat();
  const end = epoch + length * dayMs;
  const recorded = await recordsOf(
    all,
    Array.from({ length: length - 1 }, (_, offset) => offset)
  );
  const kept = all.filter(({ time }) => time >= BigInt(end - 7 * dayMs) * 1_000_000n);
  const range = { start: epoch, end };
  const about = { now: end, loki: { retention: '7d' } };
  const { answer } = await answerOver([...kept, ...recorded], total, range, about);
  expect(figuresOf(answer)).toMatchObject({
    columns: expect.arrayContaining([
      ['requests_count_total', [2 * length]],
      ['users_count', [31]],
    ]) as unknown,
  });
  expect(statusOf(answer)).toMatchObject({ status: 'ok', coverage_percent: 100 });
  const { answer: without } = await answerOver(kept, total, range, about);
  expect(statusOf(without)?.status).toBe('partial');
});

it('counts requests as they were made', async () => {
  await fc.assert(
    fc.asyncProperty(entries(days * 24, 40), quarters, async (list, range) => {
      const records = await recordsOf(list, [0, 1, 2, 3], { allowIncomplete: true });
      const { requests } = await totalOver(records, { range, loki: gone });
      const expected = [...recount(list, range)].filter(([name]) => !name.endsWith('rejected'));
      expect(requests ?? 0).toBe(expected.reduce((sum, [, count]) => sum + count, 0));
    }),
    { numRuns: 30 }
  );
});
