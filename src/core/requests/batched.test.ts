import fc from 'fast-check';
import { map } from 'rxjs';

import {
  entries as someEntries,
  epoch,
  type KnownEntry,
  managerLine,
  spanWithin,
  zone,
} from '../../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from '../../testing/fakeLoki';
import { expectExact, failing, failures, late, open, openOver } from '../../testing/ledgerFixtures';
import {
  days,
  isBatchQuery,
  isLines,
  isMetric,
  isOfBatch,
  queryOf,
  quietWeeks,
  span,
  whole,
} from '../../testing/quietWeeks';
import { dayMs } from '../domain/duration';
import { gapsIn, lengthOf, totalLength } from '../domain/span';
import { UpstreamError } from '../upstream/errors';
import { type Transport, type TransportRequest } from '../upstream/transport';
import { type Granularity } from './grid';

interface Answer {
  warnings?: string[];
  data: { result: Array<{ values: unknown[] }>; stats: { summary: { splits?: number } } };
}

/** A ledger over a fake Loki some of whose answers are changed on the way. */
function openChanged(
  changes: (request: TransportRequest) => boolean,
  change: (answer: Answer) => void,
  {
    entries: list = quietWeeks,
    now,
    options,
  }: { entries?: KnownEntry[]; now?: () => number; options?: FakeLokiOptions } = {}
) {
  const loki = new FakeLoki(list, options);
  let changed = 0;
  const transport: Transport = (request) =>
    loki.transport(request).pipe(
      map((body) => {
        if (changes(request)) {
          changed += 1;
          change(body as Answer);
        }
        return body;
      })
    );
  return { loki, ...openOver(transport, now), changed: () => changed };
}

/** Spans that were read as splits, all of whose streams are in one query with a single evaluation time. */
const spansOfSplits = (loki: FakeLoki) => {
  const requests = loki.requests.filter((request) => !isOfBatch(request) && !/country\w*[=!]~/.test(queryOf(request)));
  return Object.assign(new FakeLoki([]), { requests }).countedSpans;
};

/** Spans whose lines were read themselves. */
const spansOfLines = (loki: FakeLoki) =>
  loki.requests
    .filter(({ params }) => params['direction'] === 'forward')
    .map(({ params }) => ({ start: Math.ceil(Number(params['start']) / 1e6), end: Number(params['end']) / 1e6 }));

it.each([
  ['of one country', 'ES'],
  ['of no country', 'unknown'],
])(
  'reads many lines of few keys %s in few requests, though it can not know beforehand that they are few',
  async (_, most) => {
    const list = Array.from({ length: days * 800 }, (_, index): KnownEntry => {
      // All lines of one day are from elsewhere.
      const country = index < 800 ? 'PL' : most;
      const meaning = {
        type: 'sync' as const,
        service: `s${index % 5}`,
        user: `u${index % 3}`,
        country,
        outcome: 'succeeded' as const,
      };
      const time = BigInt(epoch) * 1_000_000n + (BigInt(index) * BigInt(dayMs) * 1_000_000n) / 800n;
      const labels: LogEntry['labels'] = country === 'unknown' ? {} : { geoip_country_code: country };
      return { time, labels, line: managerLine(meaning, 'seconds'), meaning };
    });
    const { loki, read } = open(list);
    expectExact(await read(whole), list, span);
    expect(loki.requests.filter(isMetric).length).toBeLessThan(days / 2);
  }
);

it('reads many days in few requests, and exactly', async () => {
  const { loki, read } = open(quietWeeks);
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.missing).toEqual([]);
  expect(view.cells).toHaveLength(days);
  expect(loki.requests.filter(isBatchQuery).length).toBeGreaterThan(0);
  expect(loki.requests.filter(isMetric).length).toBeLessThan(days / 2);
});

it('reads hours together, too', async () => {
  const { loki, read } = open(quietWeeks);
  const hours = { ...whole, span: { start: epoch, end: epoch + 5 * dayMs }, granularity: 'hour' as const };
  const view = await read(hours);
  expectExact(view, quietWeeks, hours.span);
  expect(view.cells).toHaveLength(5 * 24);
  expect(loki.requests.filter(isMetric).length).toBeLessThan(20);
});

it('reads countries apart where a query holds few series', async () => {
  const { loki, read } = open(quietWeeks, { maxSeries: 67 });
  expectExact(await read(whole), quietWeeks, span);
  const queries = loki.requests.filter(isBatchQuery).map(queryOf);
  expect(queries.some((query) => query.includes('geoip_country_code=~"ES"'))).toBe(true);
  expect(queries.some((query) => query.includes('geoip_country_code!~'))).toBe(true);
  expect(loki.requests.filter(isMetric).length).toBeLessThan(days);
});

it('keeps the cells of a batch', async () => {
  const { loki, read } = open(quietWeeks);
  await read(whole);
  loki.requests.length = 0;
  const half = { ...whole, span: { start: epoch, end: epoch + 10 * dayMs } };
  expectExact(await read(half), quietWeeks, half.span);
  expect(loki.requests).toHaveLength(0);
});

it.each([
  ['by its own account', 3],
  ['as far as it does not tell', undefined],
])('uses nothing that Loki merged of parts, %s', async (_, splits) => {
  const { loki, read, changed } = openChanged(isBatchQuery, ({ data }) => {
    data.stats.summary = { splits };
  });
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.missing).toEqual([]);
  expect(changed()).toBeGreaterThan(0);
  const read1by1 = spansOfSplits(loki);
  expect(gapsIn(span, read1by1)).toEqual([]);
});

it('asks for no part of a batch where Loki merges the number of its lines', async () => {
  const { loki, read } = open(quietWeeks, { splits: 3 });
  expectExact(await read(whole), quietWeeks, span);
  expect(loki.requests.filter(isLines)).toHaveLength(2);
  expect(loki.requests.filter(isBatchQuery)).toHaveLength(0);
  expect(gapsIn(span, spansOfSplits(loki))).toEqual([]);
});

it('asks for no part of a batch where Loki doubts the number of its lines', async () => {
  const { loki, read } = openChanged(isLines, (answer) => {
    answer.warnings = ['partial'];
  });
  expectExact(await read(whole), quietWeeks, span);
  expect(loki.requests.filter(isBatchQuery)).toHaveLength(0);
});

it('tries no more batches after two in a row that could not be read', async () => {
  const fault: FakeLokiOptions['fault'] = (request) =>
    isBatchQuery(request) ? new UpstreamError('permission', 'no') : undefined;
  const { loki, read } = open(quietWeeks, { fault, maxLengthMs: 6 * dayMs });
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.missing).toEqual([]);
  // Of seven; a third one was planned while the second one was read.
  expect(loki.requests.filter(isBatchQuery).length).toBeLessThanOrEqual(3);
});

it.each([
  ['counts', isBatchQuery],
  ['numbers of lines', isLines],
])('reads days again of which the %s lack a sample, and only these', async (_, of) => {
  const { loki, read, changed } = openChanged(of, ({ data: { result } }) => {
    result[0]?.values.splice(1, 1);
  });
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.missing).toEqual([]);
  expect(changed()).toBeGreaterThan(0);
  const again = totalLength([...spansOfSplits(loki), ...spansOfLines(loki)]);
  expect(again).toBeGreaterThan(0);
  expect(again).toBeLessThanOrEqual(changed() * dayMs + 2 * dayMs);
});

it.each([
  'series-limit',
  'size-limit',
  'length-limit',
  'timeout',
  'rate',
  'unavailable',
  'permission',
  'bad-request',
  'malformed',
  'cancelled',
] as const)('is exact where all queries about several days fail (%s)', async (kind) => {
  for (const fails of [isBatchQuery, isLines]) {
    const fault: FakeLokiOptions['fault'] = (request) => (fails(request) ? new UpstreamError(kind, kind) : undefined);
    const { loki, read } = open(quietWeeks, { fault });
    const view = await read(whole);
    expectExact(view, quietWeeks, span);
    expect(view.missing).toEqual([]);
    expect(loki.requests.filter(isOfBatch).length).toBeLessThanOrEqual(50);
  }
});

it.each(['timeout', 'size-limit', 'series-limit'] as const)(
  'reads a batch in smaller parts where a large one fails (%s)',
  async (kind) => {
    let left = 3;
    const fault: FakeLokiOptions['fault'] = (request) =>
      isBatchQuery(request) && (left -= 1) >= 0 ? new UpstreamError(kind, kind) : undefined;
    const { loki, read } = open(quietWeeks, { fault });
    expectExact(await read(whole), quietWeeks, span);
    expect(spansOfSplits(loki)).toEqual([]);
  }
);

it.each([
  ['the first day', 0],
  ['a day in the middle', 11],
  ['the last day', days - 1],
])('reads the lines of %s where only that one has too many keys, and the others in few requests', async (_, day) => {
  const flood = Array.from({ length: 1500 }, (_, index): KnownEntry => {
    const { labels } = quietWeeks[index % 40] as KnownEntry;
    const country = labels['geoip_country_code'] ?? 'unknown';
    const meaning = {
      type: 'sync' as const,
      service: 's1',
      user: `stranger-${index}`,
      country,
      outcome: 'succeeded' as const,
    };
    const time = BigInt(epoch + day * dayMs + index * 57_000) * 1_000_000n;
    return { time, labels, line: managerLine(meaning, 'seconds'), meaning };
  });
  const list = [...quietWeeks, ...flood].sort((a, b) => Number(a.time - b.time));
  const { loki, read } = open(list, { maxSeries: 200 });
  const view = await read(whole);
  expectExact(view, list, span);
  expect(view.missing).toEqual([]);
  const flooded = { start: epoch + day * dayMs, end: epoch + (day + 1) * dayMs };
  const others = spansOfSplits(loki).filter(({ start, end }) => end <= flooded.start || start >= flooded.end);
  // A day alone between two others is one query.
  expect(others.filter((one) => lengthOf(one) < dayMs)).toEqual([]);
  expect(loki.requests.filter(isBatchQuery).length).toBeLessThanOrEqual(days / 2);
});

it('counts the lines by the hour once for each batch that is too dense', async () => {
  const dense = Array.from({ length: days * 2000 }, (_, index): KnownEntry => {
    const meaning = {
      type: 'sync' as const,
      service: 's1',
      user: `u${index}`,
      country: 'unknown',
      outcome: 'succeeded' as const,
    };
    const time = BigInt(epoch) * 1_000_000n + (BigInt(index) * BigInt(dayMs) * 1_000_000n) / 2000n;
    return { time, labels: {}, line: managerLine(meaning, 'seconds'), meaning };
  });
  const { loki, read } = open(dense, { maxSeries: 100, maxEntries: 1000 });
  const view = await read(whole);
  expectExact(view, dense, span);
  expect(view.missing).toEqual([]);
  const steps = loki.requests.filter(isOfBatch).map(({ params }) => params['step']);
  expect(steps).toEqual(['3600000ms', '3600000ms']);
  // Each answer holds 999 lines at most, of whole hours.
  expect(loki.requests.length).toBeLessThan(1.3 * days * 2);
});

it('leaves a part of a day that turns out to have too many keys, and keeps what else was read', async () => {
  const fault: FakeLokiOptions['fault'] = (request) => {
    const { start, end } = { start: Number(request.params['start']) / 1e6, end: Number(request.params['end']) / 1e6 };
    const isAbout = start <= epoch + 5 * dayMs && end >= epoch + 5 * dayMs;
    const isSplit = queryOf(request).includes('offset') && start === end && !/country\w*[=!]~/.test(queryOf(request));
    return queryOf(request).includes('(oscar_call') && isAbout && !isSplit
      ? new UpstreamError('series-limit', 'too many')
      : undefined;
  };
  const { loki, read } = open(quietWeeks, { fault });
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.missing).toEqual([]);
  expect(totalLength(spansOfSplits(loki))).toBeLessThanOrEqual(dayMs);
});

it('says what Loki says about an answer with each day that it is about, and asks for these again', async () => {
  let clock = late;
  const doubt = (answer: Answer) => {
    answer.warnings = ['partial'];
  };
  const { read, loki } = openChanged(isBatchQuery, doubt, { now: () => clock });
  const view = await read(whole);
  expectExact(view, quietWeeks, span);
  expect(view.cells.map(({ warnings }) => warnings)).toEqual(view.cells.map(() => ['partial']));
  loki.requests.length = 0;
  clock += 10_000;
  await read(whole);
  expect(loki.requests.filter(isBatchQuery).length).toBeGreaterThan(0);
});

it('leaves no request under way when everybody has gone', async () => {
  const { loki, ledgers, view } = open(quietWeeks, { delayMs: 10, maxSeries: 60 });
  const someone = view(whole).subscribe();
  while (loki.requests.filter(isBatchQuery).length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(loki.active).toBeGreaterThan(0);
  someone.unsubscribe();
  expect(loki.active).toBe(0);
  expect(ledgers.activeLoads).toBe(0);
  const sent = loki.requests.length;
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(loki.requests).toHaveLength(sent);
});

const manyDays = fc.record({
  request: fc.record({
    span: spanWithin(days * 24),
    zone,
    granularity: fc.oneof(
      { weight: 4, arbitrary: fc.constant<Granularity>('day') },
      { weight: 1, arbitrary: fc.constant<Granularity>('hour') }
    ),
  }),
  limits: fc.record({
    maxSeries: fc.integer({ min: 3, max: 60 }),
    maxLengthMs: fc.constantFrom(undefined, 5 * dayMs, 20 * dayMs),
    statesLimits: fc.boolean(),
  }),
});

/** Scattered lines, and a day of many users, of each country some. */
const entries = fc
  .tuple(someEntries(days * 24, 100), fc.nat({ max: days - 1 }), fc.nat({ max: 60 }))
  .map(([scattered, day, users]): KnownEntry[] => [
    ...scattered,
    ...quietWeeks.slice(0, users).map((entry) => ({ ...entry, time: entry.time + BigInt(day * dayMs) * 1_000_000n })),
  ]);

it('is exact over many days under any limits', async () => {
  await fc.assert(
    fc.asyncProperty(entries, manyDays, async (list, { request, limits }) => {
      const { loki, read, ledgers } = open(list, limits);
      const view = await read(request);
      expectExact(view, list, request.span);
      expect(view.missing).toEqual([]);
      // Two of a batch, and one that plans.
      expect(loki.mostActive).toBeLessThanOrEqual(3);
      expect(ledgers.activeLoads).toBe(0);
    }),
    { numRuns: 60 }
  );
});

it('is exact, or says what is missing, where requests fail and samples are lost over many days', async () => {
  await fc.assert(
    fc.asyncProperty(
      entries,
      manyDays,
      fc.array(fc.option(fc.constantFrom('series-limit' as const, ...failures), { freq: 3, nil: undefined }), {
        maxLength: 30,
      }),
      fc.nat(),
      async (list, { request, limits }, faults, lost) => {
        const lose = ({ data: { result } }: Answer) => {
          result[lost % result.length]?.values.splice(0, lost % 2);
        };
        const { read } = openChanged(isBatchQuery, lose, {
          entries: list,
          options: { ...limits, fault: failing(faults) },
        });
        expectExact(await read(request), list, request.span);
      }
    ),
    { numRuns: 60 }
  );
});
