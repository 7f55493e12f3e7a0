import { setTimeout as sleep } from 'node:timers/promises';

import { dayMs } from '../../src/core/domain/duration';

/** Below Loki's default `max_query_length` of 30 days and one hour. */
const windowMilliseconds = 30 * dayMs;
/** Ends a hang only. */
const defaultTimeoutMilliseconds = 1_800_000;

export interface SpanCount {
  lokiUrl: string;
  /** LogQL stream selector. */
  selector: string;
  /** In milliseconds since the epoch, whole days (of 24 hours) apart; `from` inclusive, `to` exclusive. */
  from: number;
  to: number;
}

/**
 * Makes Loki write its chunks, and waits until queries see every entry of the span: Loki does not ask its own memory
 * for entries older than `query_ingesters_within` (3 h), so fresh entries with old timestamps are invisible at first.
 * @throws Error when the expected number of entries is not there in time, or is exceeded.
 */
export async function flushLoki(span: SpanCount, expected: number, timeoutMilliseconds = defaultTimeoutMilliseconds) {
  const deadline = Date.now() + timeoutMilliseconds;
  for (;;) {
    await emptyFlushQueue(span.lokiUrl, deadline);
    await requestFlush(span.lokiUrl);
    await emptyFlushQueue(span.lokiUrl, deadline);
    const found = await countEntries(span);
    if (found === expected) {
      return;
    }
    if (found > expected || Date.now() >= deadline) {
      throw new Error(
        `Loki has ${found} entries of ${span.selector} instead of ${expected}. ` +
          (found > expected ? 'The data directory was not empty.' : `Waited ${timeoutMilliseconds / 1000} s.`)
      );
    }
    await sleep(1_000);
  }
}

/** Asks Loki to write its chunks; it does so in the background. */
export async function requestFlush(lokiUrl: string): Promise<void> {
  await request(`${lokiUrl}/flush`, 'POST');
}

/** Number of entries in the span, by the contract's rule: an entry belongs to the millisecond at or after its time. */
async function countEntries({ lokiUrl, selector, from, to }: SpanCount): Promise<number> {
  const counts: number[] = [];
  for (let start = from; start < to; start += windowMilliseconds) {
    const end = Math.min(start + windowMilliseconds, to);
    counts.push(await countWindow(lokiUrl, selector, start, end));
  }
  return counts.reduce((left, right) => left + right, 0);
}

async function countWindow(lokiUrl: string, selector: string, from: number, to: number): Promise<number> {
  // Day buckets, because Loki cuts a query into parts of one step (at least an hour), each with a cost of its own. It
  // moves start and end to whole steps, so the offset brings the buckets to the span's own days. Buckets are open at
  // the left and closed at the right; one millisecond more turns them round at millisecond resolution.
  const shift = (dayMs - (to % dayMs)) % dayMs;
  const parameters = new URLSearchParams({
    query: `sum(count_over_time(${selector}[1d] offset ${shift + 1}ms))`,
    start: String((from + dayMs + shift) / 1000),
    end: String((to + shift) / 1000),
    step: '86400',
  });
  const text = await request(`${lokiUrl}/loki/api/v1/query_range?${parameters}`, 'GET');
  const { data } = JSON.parse(text) as { data: { result: Array<{ values: Array<[number, string]> }> } };
  return data.result.flatMap(({ values }) => values).reduce((sum, [, value]) => sum + Number(value), 0);
}

async function emptyFlushQueue(lokiUrl: string, deadline: number): Promise<void> {
  do {
    await sleep(300);
    const metrics = await request(`${lokiUrl}/metrics`, 'GET');
    const length = /^loki_ingester_flush_queue_length (\S+)$/m.exec(metrics)?.[1];
    if (length === undefined || Number(length) === 0) {
      return;
    }
  } while (Date.now() < deadline);
}

async function request(url: string, method: 'GET' | 'POST'): Promise<string> {
  const response = await fetch(url, { method });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${method} ${url}: ${response.status} ${text.slice(0, 500)}`);
  }
  return text;
}
