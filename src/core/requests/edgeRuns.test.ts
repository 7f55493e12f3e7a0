import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { epoch, managerLine } from '../../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { dayMs, quarterHourMs } from '../domain/duration';
import { parseRequest } from '../domain/requestLine';
import { requestFamily } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { defaultLimits } from '../upstream/learnedLimits';
import { LokiClient } from '../upstream/loki';
import { CellBuilder } from './cell';
import { KeyTable } from './keyTable';
import { SeenTimes } from './seenTimes';

const quarters = Array.from({ length: 96 }, (_, index) => ({
  start: epoch + index * quarterHourMs,
  end: epoch + (index + 1) * quarterHourMs,
}));

interface Call {
  service: string;
  /** ms after `epoch`. */
  at: number;
}

const calls = fc.array(
  fc.record<Call>({
    service: fc.constantFrom('yolo', 'cowsay', 'a'),
    at: fc.oneof(
      fc.integer({ min: 0, max: dayMs - 1 }),
      fc.nat(95).map((index) => index * quarterHourMs),
      fc.nat(95).map((index) => (index + 1) * quarterHourMs - 1)
    ),
  }),
  { maxLength: 60 }
);

/** The times of a day's calls by quarter hour, of which the counts tell no times. */
async function timesOf(all: readonly Call[], options: FakeLokiOptions = {}) {
  const entries = all.map(({ service, at }) => ({
    time: BigInt(epoch + at) * 1_000_000n,
    labels: {},
    line: managerLine({ type: 'sync', service, user: 'u' }, 'seconds'),
  }));
  const loki = new FakeLoki(entries, options);
  const table = new KeyTable((text) => parseRequest(text, 'oscar-svc'), 'auth_method');
  const cells = quarters.map((span) => {
    const builder = new CellBuilder(span, table);
    for (const { service, at } of all.filter((one) => epoch + one.at >= span.start && epoch + one.at < span.end)) {
      const key = { type: 'sync', service, user: 'u', country: 'ES', auth: '', outcome: 'succeeded' } as const;
      builder.addLines(`x${at}`, table.intern(key), 1);
    }
    return builder.build();
  });
  const client = new LokiClient(loki.transport, 'loki', {
    retries: 0,
    firstDelayMs: 0,
    longestDelayMs: 0,
    random: () => 0,
  });
  const seen = new SeenTimes(client, requestFamily('{app="oscar"}', lineOptions), defaultLimits());
  const { bySpan, problems } = await lastValueFrom(seen.read(cells, table, quarters));
  expect(problems).toEqual([]);
  return { loki, times: quarters.map((span) => Object.fromEntries(bySpan.get(span) ?? [])) };
}

function expectedOf(all: readonly Call[]) {
  return quarters.map((span) => {
    const own = all.filter(({ at }) => epoch + at >= span.start && epoch + at < span.end);
    const services = [...new Set(own.map(({ service }) => service))];
    return Object.fromEntries(
      services.map((name) => {
        const times = own.filter(({ service }) => service === name).map(({ at }) => epoch + at);
        return [name, { first: Math.min(...times), last: Math.max(...times) }];
      })
    );
  });
}

it('knows when services were called in each quarter hour', async () => {
  await fc.assert(
    fc.asyncProperty(calls, async (all) => {
      expect((await timesOf(all)).times).toEqual(expectedOf(all));
    }),
    { numRuns: 40 }
  );
});

const each = quarters.map((_, index) => ({ service: 'yolo', at: index * quarterHourMs + 7 * index }));

it('asks once for all of them', async () => {
  const { loki, times } = await timesOf(each);
  expect(times).toEqual(expectedOf(each));
  expect(loki.requests).toHaveLength(2);
});

it('asks for each one where Loki does not answer that, or says that it is not whole', async () => {
  const isRun: (query: string) => boolean = (query) => query.includes('oscar_metrics_none');
  const refusing: FakeLokiOptions = {
    fault: ({ params }) =>
      isRun(params['query'] ?? '') ? new UpstreamError('series-limit', 'too many', 400, { limit: 1 }) : undefined,
  };
  const { loki, times } = await timesOf(each, refusing);
  expect(times).toEqual(expectedOf(each));
  expect(loki.requests.length).toBeGreaterThan(96);
});
