import fc from 'fast-check';
import { lastValueFrom } from 'rxjs';

import { epoch, managerLine, requestType } from '../../testing/arbitraries';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from '../../testing/fakeLoki';
import { lineOptions } from '../../testing/lineOptions';
import { hourMs } from '../domain/duration';
import { parseRequest } from '../domain/requestLine';
import { type Span } from '../domain/span';
import { requestFamily } from '../expr/logql';
import { UpstreamError } from '../upstream/errors';
import { defaultLimits, type LearnedLimits } from '../upstream/learnedLimits';
import { LokiClient } from '../upstream/loki';
import { type Edge, type EdgeQuestion, edgeTimes } from './edgeTimes';

const noRetries = { retries: 0, firstDelayMs: 0, longestDelayMs: 0, random: () => 0 };
const serviceOf = (text: string) => parseRequest(text, 'oscar-svc')?.service;

interface Call {
  /** ms since the epoch. */
  time: number;
  type: 'sync' | 'async';
  service: string;
  user: string;
}

const entryOf = ({ time, ...call }: Call): LogEntry => ({
  time: BigInt(time) * 1_000_000n,
  labels: {},
  line: managerLine(call, 'seconds'),
});

/** As many keys as the calls of some services have. */
function keysIn(calls: readonly Call[]): EdgeQuestion['keysOf'] {
  return (services) =>
    new Set(calls.filter(({ service }) => services.has(service)).map((call) => JSON.stringify({ ...call, time: 0 })))
      .size;
}

function asked(calls: readonly Call[], options: FakeLokiOptions, limits: LearnedLimits = defaultLimits()) {
  const loki = new FakeLoki(calls.map(entryOf), options);
  const client = new LokiClient(loki.transport, 'loki', noRetries);
  const ask = (span: Span, edge: Edge, services: ReadonlySet<string>, keysOf = keysIn(calls)) =>
    lastValueFrom(
      edgeTimes(client, requestFamily('{app="oscar"}', lineOptions), limits, {
        span,
        edge,
        services,
        keysOf,
        serviceOf,
      })
    );
  return { loki, limits, ask };
}

/** First or last times in a span, from the calls themselves. */
function expectedTimes(calls: readonly Call[], { start, end }: Span, edge: Edge, services: ReadonlySet<string>) {
  const inside = calls.filter(({ time, service }) => time >= start && time < end && services.has(service));
  inside.sort((a, b) => (edge === 'first' ? b.time - a.time : a.time - b.time));
  return new Map(inside.map(({ time, service }) => [service, time]));
}

const services = ['a', 'a-b', 'b', 'simple-test', 'yolo', '(invalid)'];
const edge = fc.constantFrom<Edge>('first', 'last');
const subset = fc.subarray(services, { minLength: 1 }).map((some) => new Set(some));

/** Calls at distinct times, the unit of which is a number of ms. */
const callsBy = (unitMs: number, most: number) =>
  fc.uniqueArray(
    fc.record({
      time: fc.nat({ max: most }).map((unit) => epoch + unit * unitMs),
      type: requestType,
      service: fc.constantFrom(...services.slice(0, -1), 'No_Name').map(String),
      user: fc.nat({ max: 30 }).map((user) => `u${user}`),
    }),
    { selector: ({ time }) => time, maxLength: 40 }
  );

/** A service that is named as none can be is known by another name. */
const known = (calls: readonly Call[]) =>
  calls.map((call) => ({ ...call, service: call.service === 'No_Name' ? '(invalid)' : call.service }));

/** What the cells say of the keys: all of it, or too little. */
const hint = fc.constantFrom<EdgeQuestion['keysOf'] | undefined>(
  undefined,
  () => 0,
  () => 7
);

it.each([
  ['milliseconds', 1, 120],
  ['half hours', hourMs / 2, 48],
])('gives the first and the last time of each service in some %s, whatever the limit', async (_, unitMs, most) => {
  const cutOff = fc.nat({ max: most / 4 });
  await fc.assert(
    fc.asyncProperty(
      callsBy(unitMs, most),
      fc.tuple(cutOff, cutOff).map(([before, after]) => ({
        start: epoch + before * unitMs,
        end: epoch + (most + 1 - after) * unitMs,
      })),
      fc.record({ maxSeries: fc.integer({ min: 3, max: 12 }), states: fc.boolean() }),
      fc.tuple(edge, subset, hint),
      async (calls, span, { maxSeries, states }, [which, some, keysOf]) => {
        const limits = { ...defaultLimits(), ...(states && { maxSeries }) };
        const { ask } = asked(calls, { maxSeries }, limits);
        const times = await ask(span, which, some, keysOf);
        expect([...times].sort()).toEqual([...expectedTimes(known(calls), span, which, some)].sort());
      }
    ),
    { numRuns: 100 }
  );
});

/** A day on which each of 40 services is called each hour, by many users. */
const busyDay: Call[] = Array.from({ length: 24 * 40 * 3 }, (_, index) => {
  const hour = Math.floor(index / 120);
  const time = epoch + hour * hourMs + (index % 120) * 30_000;
  return { time, type: 'async', service: `s${index % 40}`, user: `user-${index}` };
});
const day = { start: epoch, end: epoch + 24 * hourMs };
const all = new Set(busyDay.map(({ service }) => service));

it.each([1, 100, 1000, 6000])('asks little where many users come within moments (every %d ms)', async (gapMs) => {
  const calls: Call[] = Array.from({ length: 600 }, (_, index) => {
    return { time: epoch + index * gapMs, type: 'async', service: 'a', user: `user-${index}` };
  });
  calls.push({ time: day.end - 1, type: 'sync', service: 'b', user: 'late' });
  const { loki, ask } = asked(calls, { maxSeries: 500 });
  const both = new Set(['a', 'b']);
  expect(await ask(day, 'first', both)).toEqual(expectedTimes(calls, day, 'first', both));
  expect(loki.requests.length).toBeLessThanOrEqual(25);
});

it.each(['first', 'last'] as const)('asks little where most services are called soon (%s)', async (which) => {
  const { loki, ask } = asked(busyDay, { maxSeries: 500 });
  expect(await ask(day, which, all)).toEqual(expectedTimes(busyDay, day, which, all));
  expect(loki.requests.length).toBeLessThanOrEqual(3);
});

it('looks only for the others in what is left', async () => {
  const seldom: Call = { time: day.end - 1, type: 'sync', service: 'seldom', user: 'u' };
  const { loki, ask } = asked([...busyDay, seldom], { maxSeries: 500 });
  const times = await ask(day, 'first', new Set([...all, 'seldom']));
  expect(times.get('seldom')).toBe(seldom.time);
  expect(loki.requests.length).toBeLessThanOrEqual(4);
  const [first, ...others] = loki.requests.map(({ params }) => params['query'] ?? '');
  expect(first).not.toContain('seldom');
  expect(others.every((query) => query.includes('\\\\b(?:seldom)\\\\b'))).toBe(true);
});

it('asks nothing about no services, and ends where none of them was called', async () => {
  const { loki, ask } = asked(busyDay, {});
  expect(await ask(day, 'first', new Set())).toEqual(new Map());
  expect(loki.requests).toHaveLength(0);
  expect(await ask(day, 'last', new Set(['never']))).toEqual(new Map());
  expect(loki.requests).toHaveLength(1);
});

it('remembers the limit that Loki names', async () => {
  const { limits, ask } = asked(busyDay, { maxSeries: 100 });
  await ask(day, 'first', all);
  expect(limits.maxSeries).toBe(100);
});

it.each(['timeout', 'permission', 'length-limit', 'malformed'] as const)('passes on an error (%s)', async (kind) => {
  const { loki, ask } = asked(busyDay, { fault: () => new UpstreamError(kind, kind) });
  await expect(ask(day, 'first', all)).rejects.toMatchObject({ kind });
  expect(loki.requests).toHaveLength(1);
});

it('passes on that a single ms has too many series', async () => {
  const fault = () => new UpstreamError('series-limit', 'too many', 400, { limit: 3 });
  const { loki, ask } = asked(busyDay, { fault });
  await expect(ask({ start: epoch, end: epoch + 100 }, 'last', all)).rejects.toMatchObject({ kind: 'series-limit' });
  expect(loki.requests.length).toBeLessThanOrEqual(8);
});
