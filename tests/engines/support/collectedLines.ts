import { setTimeout as sleep } from 'node:timers/promises';

import { dayMs } from '../../../src/core/domain/duration';

/** A line as Loki gives it; structured metadata is among the labels. */
export interface ReadLine {
  labels: Record<string, string>;
  /** Nanoseconds since the epoch. */
  time: string;
  line: string;
}

/** Ends a hang only. */
const deadlineMs = 300_000;

/** How many lines a Loki received since its start, whether or not it has them already. */
export function receivedLines(lokiUrl: string): Promise<number> {
  return counterOf(lokiUrl, 'loki_distributor_lines_received_total');
}

/** How many of them it would not take, such as those that came too long after later ones of their stream. */
export function refusedLines(lokiUrl: string): Promise<number> {
  return counterOf(lokiUrl, 'loki_discarded_samples_total');
}

/** The sum of a counter of a Loki. */
async function counterOf(lokiUrl: string, name: string): Promise<number> {
  const metrics = await (await fetch(`${lokiUrl}/metrics`)).text();
  const counted = [...metrics.matchAll(new RegExp(`^${name}\\{.*\\} (\\S+)$`, 'gm'))];
  return counted.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Waits until queries show that many lines of a day, or more; lines of the past have to be stored first. */
export async function storeLines(lokiUrl: string, selector: string, day: number, expected: number): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  for (let attempt = 0; ; attempt++) {
    if (attempt % 8 === 0) {
      await fetch(`${lokiUrl}/flush`, { method: 'POST' });
    }
    const shown = await countOf(lokiUrl, selector, day);
    if (shown >= expected) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(`Loki shows ${shown} of ${expected} lines`);
    }
    await sleep(250);
  }
}

/** How many lines queries show of a day. */
export async function countOf(lokiUrl: string, selector: string, day: number): Promise<number> {
  const query = `sum(count_over_time(${selector}[1d]))`;
  const parameters = new URLSearchParams({ query, time: `${day + dayMs}000000` });
  const response = await fetch(`${lokiUrl}/loki/api/v1/query?${parameters}`, {
    headers: { 'Cache-Control': 'no-cache' },
  });
  const { data } = (await response.json()) as { data: { result: Array<{ value: [number, string] }> } };
  return Number(data.result[0]?.value[1] ?? 0);
}

/** The lines of a day, at most 5000. */
export async function readLines(lokiUrl: string, selector: string, day: number): Promise<ReadLine[]> {
  const parameters = new URLSearchParams({ query: selector, limit: '5000', direction: 'forward' });
  parameters.set('start', `${day}000000`);
  parameters.set('end', `${day + dayMs}000000`);
  const response = await fetch(`${lokiUrl}/loki/api/v1/query_range?${parameters}`);
  const { data } = (await response.json()) as {
    data: { result: Array<{ stream: Record<string, string>; values: Array<[string, string]> }> };
  };
  return data.result.flatMap(({ stream, values }) => values.map(([time, line]) => ({ labels: stream, time, line })));
}
