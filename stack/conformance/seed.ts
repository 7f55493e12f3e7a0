import { setTimeout as sleep } from 'node:timers/promises';

import { dayMs } from '../../src/core/domain/duration';
import { UserError } from '../lib/errors';
import { type CaseEntry } from './caseFile';
import { caseLabel, streamDefaults } from './isolation';
import { nanosecondsPerMillisecond } from './time';

/** A stream in the form of Loki's push API: values are [nanoseconds, line], in time order. */
export interface PushStream {
  stream: Record<string, string>;
  values: Array<[string, string]>;
}

const linesPerPush = 5000;
/** Ends a hang only. */
const readableTimeoutMs = 1_200_000;
const dayNanoseconds = BigInt(dayMs) * nanosecondsPerMillisecond;
/** Loki refuses queries over more than 30 days by default. */
const daysPerQuery = 29;

/**
 * The streams of one case, each in time order. Lines that Loki would keep only once (same stream, time and text) are
 * there once, so that the number of values is the number of lines that can be read.
 */
export function streamsOf(entries: readonly CaseEntry[], caseId: string): PushStream[] {
  const streams = new Map<string, { labels: Record<string, string>; lines: Map<string, CaseEntry> }>();
  for (const entry of entries) {
    const labels = { ...streamDefaults[entry.stream], ...entry.labels, [caseLabel]: caseId };
    const key = JSON.stringify(Object.entries(labels).sort());
    const stream = streams.get(key) ?? { labels, lines: new Map<string, CaseEntry>() };
    stream.lines.set(`${entry.time} ${entry.line}`, entry);
    streams.set(key, stream);
  }
  return [...streams.values()].map(({ labels, lines }) => ({
    stream: labels,
    values: [...lines.values()]
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0))
      .map(({ time, line }) => [String(time), line] as [string, string]),
  }));
}

/** Cuts streams into requests of at most `size` lines; a stream's order is kept from request to request. */
export function batchesOf(streams: readonly PushStream[], size: number): PushStream[][] {
  const batches: PushStream[][] = [];
  let room = 0;
  for (const { stream, values } of streams) {
    for (let start = 0; start < values.length;) {
      if (room === 0) {
        batches.push([]);
        room = size;
      }
      const part = values.slice(start, start + room);
      batches.at(-1)?.push({ stream, values: part });
      start += part.length;
      room -= part.length;
    }
  }
  return batches;
}

/**
 * Pushes the streams and waits until every line can be read: lines older than three hours cannot until their chunks are
 * flushed. `runId` is the common start of the streams' case label. Throws a UserError when Loki refuses or takes longer
 * than twenty minutes.
 */
export async function seedLoki(lokiUrl: string, streams: readonly PushStream[], runId: string): Promise<void> {
  const expected = streams.reduce((sum, { values }) => sum + values.length, 0);
  if (expected === 0) {
    return;
  }
  for (const batch of batchesOf(streams, linesPerPush)) {
    await post(`${lokiUrl}/loki/api/v1/push`, JSON.stringify({ streams: batch }));
  }

  const windows = windowsOf(streams);
  const deadline = Date.now() + readableTimeoutMs;
  for (let attempt = 0; ; attempt++) {
    // Chunks that arrive while a flush is running wait for the next one.
    if (attempt % 10 === 0) {
      await post(`${lokiUrl}/flush`, '');
    }
    const readable = await countLines(lokiUrl, runId, windows);
    if (readable === expected) {
      return;
    }
    if (Date.now() > deadline) {
      throw new UserError(`Loki shows ${readable} of ${expected} pushed lines after ${readableTimeoutMs / 1000} s.`);
    }
    await sleep(500);
  }
}

/** Spans of whole UTC days, in milliseconds, that cover all lines; both ends are bucket ends of a day's step. */
export function windowsOf(streams: readonly PushStream[]): Array<{ start: number; end: number }> {
  const days = new Set<number>();
  for (const { values } of streams) {
    for (const [time] of values) {
      // A bucket is open at its start and closed at its end.
      days.add(Number((BigInt(time) + dayNanoseconds - BigInt(1)) / dayNanoseconds) * dayMs);
    }
  }
  const windows: Array<{ start: number; end: number }> = [];
  for (const end of [...days].sort((a, b) => a - b)) {
    const last = windows.at(-1);
    if (last && end - last.start <= daysPerQuery * dayMs) {
      last.end = end;
    } else {
      windows.push({ start: end, end });
    }
  }
  return windows;
}

async function countLines(
  lokiUrl: string,
  runId: string,
  windows: ReadonlyArray<{ start: number; end: number }>
): Promise<number> {
  let sum = 0;
  for (const { start, end } of windows) {
    const parameters = new URLSearchParams({
      query: `sum(count_over_time({${caseLabel}=~"${runId}-.+"}[1d]))`,
      start: `${start}000000`,
      end: `${end}000000`,
      step: '1d',
    });
    // What was not readable a moment ago must not come from Loki's result cache.
    const headers = { 'Cache-Control': 'no-cache' };
    const response = await send(`${lokiUrl}/loki/api/v1/query_range?${parameters}`, { headers });
    const answer: unknown = await response.json();
    for (const { values } of matrixOf(answer)) {
      sum += values.reduce((total, [, value]) => total + Number(value), 0);
    }
  }
  return sum;
}

function matrixOf(answer: unknown): Array<{ values: Array<[number, string]> }> {
  const { data } = answer as { data?: { result?: Array<{ values: Array<[number, string]> }> } };
  return data?.result ?? [];
}

async function post(url: string, body: string): Promise<void> {
  await send(url, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
}

async function send(url: string, init: RequestInit): Promise<Response> {
  const maxAttempts = 20;
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, init).catch((error: Error) => {
      throw new UserError(`Loki cannot be reached at ${url}: ${error.cause ?? error.message}`);
    });
    if (response.ok) {
      return response;
    }
    const text = await response.text();
    if ((response.status !== 429 && response.status < 500) || attempt === maxAttempts) {
      throw new UserError(`Loki answers ${url.split('?')[0]} with HTTP ${response.status}: ${text.trim()}`);
    }
    await sleep(Math.min(8000, 250 * 2 ** attempt));
  }
}
