import { lastValueFrom, of, throwError } from 'rxjs';

import { day, daySpan, recordOf } from '../../testing/recordedDay';
import { recordSeries, type StoredLine } from '../../testing/recordSeries';
import { dayMs, hourMs } from '../domain/duration';
import { UpstreamError } from '../upstream/errors';
import { LokiClient } from '../upstream/loki';
import { StatedLimits } from '../upstream/statedLimits';
import { type Transport } from '../upstream/transport';
import { dayAt, type DayCounts } from './dayRecord';
import { keyIn } from './key';
import { RecordArchive, type RecordQuestion } from './recordArchive';
import { publicKeyOf } from './signature';
import { linesOf } from './writeLines';

const key = { type: 'sync', service: 'yolo', country: 'ES', auth: '', outcome: 'succeeded' } as const;

/** A record of so many requests. */
const recordWith = (requests: number): DayCounts =>
  recordOf(Array.from({ length: requests }, (_, at) => ({ at, key: { ...key, user: `u${at}` } })));

async function written(
  record: DayCounts,
  at: number,
  { of: own = day, secretKey }: { of?: string; secretKey?: Uint8Array } = {}
): Promise<StoredLine[]> {
  const lines = await linesOf(record, own, { recordedAt: at, product: '0.1.0', secretKey });
  return lines.map((line, index) => ({ ns: BigInt(at) * 1_000_000n + BigInt(index), line }));
}

interface Limits {
  /** An answer with more characters is refused. */
  characters?: number;
  /** An answer with more series is refused. */
  series?: number;
  maxLength?: string;
}

/** A Loki with these lines. */
function lokiOf(lines: readonly StoredLine[], { characters = Infinity, series = Infinity, maxLength }: Limits = {}) {
  const queries: string[] = [];
  const transport: Transport = ({ path, params: { query = '', end = '0' } }) => {
    if (path.endsWith('drilldown-limits')) {
      return of({ limits: { ...(maxLength && { max_query_length: maxLength }) } });
    }
    queries.push(query);
    const result = recordSeries(lines, query, end);
    if (result.length > series) {
      return throwError(() => new UpstreamError('series-limit', 'too many', 400, { limit: series }));
    }
    return JSON.stringify(result).length > characters
      ? throwError(() => new UpstreamError('size-limit', 'too large', 400))
      : of({ status: 'success', data: { resultType: 'matrix', result } });
  };
  const client = new LokiClient(transport, 'loki', { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 });
  return { client, queries };
}

const now = daySpan.end + 20 * dayMs;
const question: RecordQuestion = {
  selector: '{job="records"}',
  trust: {},
  families: ['requests'],
  span: daySpan,
};

const opened = (at: () => number = () => now) => new RecordArchive(at, new StatedLimits());
const requestsIn = (record: unknown) => (record as DayCounts).names.user.length;

it('reads the newest record of each day of a span, and no older one', async () => {
  const lines = [
    ...(await written(recordWith(1), daySpan.end + hourMs)),
    ...(await written(recordWith(2), daySpan.end + 2 * hourMs)),
    ...(await written(recordWith(3), daySpan.end + 3 * dayMs, { of: dayAt(daySpan.end) })),
  ];
  const { client, queries } = lokiOf(lines);
  const [found, ...others] = await lastValueFrom(opened().find(client, question));
  expect(others).toEqual([]);
  expect(found).toMatchObject({ family: 'requests', day, refused: [] });
  expect(requestsIn(found?.valid?.record)).toBe(2);
  expect(queries.filter((query) => query.includes('count_over_time'))).toHaveLength(1);
  expect(queries.every((query) => query.includes('sum by (oscar_record)'))).toBe(true);
});

it('takes an older record where the newer one is not valid, and names that one', async () => {
  const newer = await written(recordWith(2), daySpan.end + 2 * hourMs);
  const broken = newer.map(({ ns, line }) => ({ ns, line: `${line} ` }));
  const lines = [...(await written(recordWith(1), daySpan.end + hourMs)), ...broken];
  const [found] = await lastValueFrom(opened().find(lokiOf(lines).client, question));
  expect(requestsIn(found?.valid?.record)).toBe(1);
  expect(found?.refused).toEqual([
    { recordedAt: new Date(daySpan.end + 2 * hourMs).toISOString(), reason: 'the line is not written as a record is' },
  ]);
});

it('knows what was written since it was asked a minute ago, and asks for nothing twice', async () => {
  let at = daySpan.end + 40 * dayMs;
  const lines = await written(recordWith(1), daySpan.end + hourMs);
  const { client, queries } = lokiOf(lines);
  const archive = opened(() => at);
  await lastValueFrom(archive.find(client, question));
  const first = queries.length;
  at += 10_000;
  await lastValueFrom(archive.find(client, question));
  expect(queries).toHaveLength(first);
  lines.push(...(await written(recordWith(2), at)));
  at += 5 * 60_000;
  const [found] = await lastValueFrom(archive.find(client, question));
  expect(requestsIn(found?.valid?.record)).toBe(2);
  // The last window again, and the lines of the new record.
  expect(queries).toHaveLength(first + 2);
  await lastValueFrom(archive.find(client, { ...question, readAgain: true }));
  expect(queries).toHaveLength(first + 2 + (first - 1));
});

it.each<[string, Limits]>([
  ['answers hold little', { characters: 60_000 }],
  ['answers have few series', { series: 3 }],
  ['queries may look at a week', { maxLength: '7d' }],
])('reads all days where %s', async (_, limits) => {
  const days = Array.from({ length: 12 }, (_unused, offset) => offset);
  const lines = (
    await Promise.all(
      days.map((offset) =>
        written(recordWith(offset + 1), daySpan.end + (offset + 1) * dayMs, {
          of: dayAt(daySpan.start + offset * dayMs),
        })
      )
    )
  ).flat();
  const span = { start: daySpan.start, end: daySpan.start + 12 * dayMs };
  const { client, queries } = lokiOf(lines, limits);
  const found = await lastValueFrom(opened().find(client, { ...question, span }));
  expect(found.map(({ valid }) => requestsIn(valid?.record))).toEqual(days.map((offset) => offset + 1));
  if (limits.maxLength) {
    expect(queries.every((query) => Number(/\[(\d+)ms\]/.exec(query)?.[1]) < 7 * dayMs)).toBe(true);
  }
});

it('takes what is not signed with the key for not there', async () => {
  const secretKey = Uint8Array.from({ length: 32 }, (_, index) => index);
  const publicKey = keyIn(publicKeyOf(secretKey)) as Uint8Array;
  const signed = await written(recordWith(1), daySpan.end + hourMs, { secretKey });
  const other = await written(recordWith(2), daySpan.end + 2 * hourMs, {
    secretKey: secretKey.map((byte) => byte ^ 1),
  });
  const unsigned = await written(recordWith(3), daySpan.end + 3 * hourMs);
  // The same record with a signature of another one: nothing that anybody adds takes the signed one away.
  const signature = (text: string) => /"signature":"([^"]*)"/.exec(text)?.[1] ?? '';
  const borrowed = signed.map(({ ns, line }) => ({
    ns: ns + 9n,
    line: line.replace(signature(line), signature(other[0]?.line ?? '')),
  }));
  const { client } = lokiOf([...signed, ...other, ...unsigned, ...borrowed]);
  const [found, ...others] = await lastValueFrom(opened().find(client, { ...question, trust: { publicKey } }));
  expect(others).toEqual([]);
  expect(found?.refused).toEqual([]);
  expect(requestsIn(found?.valid?.record)).toBe(1);
});

it('fails where Loki does', async () => {
  const transport: Transport = ({ path }) =>
    path.endsWith('drilldown-limits') ? of({ limits: {} }) : throwError(() => new UpstreamError('bad-request', 'no'));
  const client = new LokiClient(transport, 'loki', { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 });
  await expect(lastValueFrom(opened().find(client, question))).rejects.toThrow('no');
});
