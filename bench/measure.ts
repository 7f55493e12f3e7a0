import { monitorEventLoopDelay, performance } from 'node:perf_hooks';

import { totalLength, unionOf } from '../src/core/domain/span';
import { type RequestLog, type UpstreamRequest } from '../stack/lib/requestLog';

/** What one run of something cost. */
export interface Cost {
  ms: number;
  requests: number;
  /** Of the bodies, uncompressed. */
  bytes: number;
  /** Lines that Loki read, by its own count. */
  lines: number;
  /** Peak of the heap above what it held before, in bytes. */
  heap: number;
  /** Processor time of the engines that the row asks, in ms: Loki's, and Prometheus' where the row says so. */
  cpuMs: number;
  /** Time that the client's thread was busy, in ms, also while an engine was at work. */
  clientMs: number;
  /** Time in which no request was under way, in ms: what the client adds to waiting for the engines. */
  aloneMs: number;
  /** Longest stretch for which the client's thread was busy, in ms. */
  blockedMs: number;
}

export interface Run {
  cost: Cost;
  /** Whether the result equals the truth; null where there is nothing to compare. */
  equal: boolean | null;
}

const sampleIntervalMs = 20;
const delayResolutionMs = 5;

/**
 * Runs something once and measures it. `log` has the requests that it sends; `work` gives a check that is not part of the time;
 * `engines` are the addresses of the engines whose processor time counts.
 */
export async function measure(
  log: RequestLog,
  work: () => Promise<() => boolean | null>,
  engines: readonly string[] = []
): Promise<Run> {
  // Without it the heap holds what earlier runs left behind (node --expose-gc).
  globalThis.gc?.();
  log.reset();
  const heapBefore = process.memoryUsage().heapUsed;
  let heapPeak = heapBefore;
  const sampler = setInterval(() => (heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed)), sampleIntervalMs);
  const delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
  delay.enable();
  const cpuBefore = await cpuSecondsOf(engines);
  const busyBefore = performance.eventLoopUtilization();
  const started = performance.now();
  const check = await work();
  const ms = performance.now() - started;
  const { active } = performance.eventLoopUtilization(busyBefore);
  const cpuMs = ((await cpuSecondsOf(engines)) - cpuBefore) * 1000;
  delay.disable();
  clearInterval(sampler);
  const cost: Cost = {
    ms,
    requests: log.requests.length,
    bytes: log.requests.reduce((sum, request) => sum + request.bytes, 0),
    lines: log.requests.reduce((sum, request) => sum + (request.linesProcessed ?? 0), 0),
    heap: Math.max(heapPeak, process.memoryUsage().heapUsed) - heapBefore,
    cpuMs,
    clientMs: active,
    aloneMs: Math.max(0, ms - waitedMs(log.requests)),
    // From one of Node's timers to the next: up to their distance, 5 ms, more than the stretch itself.
    blockedMs: delay.max / 1e6,
  };
  return { cost, equal: check() };
}

const cpuMetric = /^process_cpu_seconds_total (\S+)$/m;

/** Processor time of engines since they started, in seconds. Throws where one does not say. */
async function cpuSecondsOf(engines: readonly string[]): Promise<number> {
  const seconds = await Promise.all(
    engines.map(async (url) => {
      const text = await (await fetch(`${url}/metrics`)).text();
      const value = Number(cpuMetric.exec(text)?.[1]);
      if (!Number.isFinite(value)) {
        throw new Error(`${url}/metrics does not state process_cpu_seconds_total`);
      }
      return value;
    })
  );
  return seconds.reduce((sum, value) => sum + value, 0);
}

/** How long at least one request was under way, in ms. */
function waitedMs(requests: readonly UpstreamRequest[]): number {
  const spans = requests.map(({ startedAt, ms = 0 }) => ({ start: startedAt, end: startedAt + ms }));
  return totalLength(unionOf(spans));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}
