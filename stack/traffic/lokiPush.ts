import { setTimeout as sleep } from 'node:timers/promises';

import { amountOf } from '../../src/core/domain/text';
import { timestampText, type Entry } from './entry';
import type { Stream } from './streams';

/** Size at which a lane's lines are sent. Loki spends its time per line; larger bodies only hold more memory. */
const batchBytes = 1_000_000;
/**
 * Each stream must arrive in time order, so a stream always takes the same lane and a lane has one request under way.
 * Two lanes keep Loki busy while the next lines are generated.
 */
const laneCount = 2;
const maxAttempts = 30;

export interface LokiPusher {
  /** Takes entries in time order. Fulfils when there is room for more; rejects when an earlier push failed for good. */
  add(hourStart: number, entries: readonly Entry[]): Promise<void>;
  /** Sends what is left. Fulfils when Loki has accepted everything. */
  end(): Promise<void>;
}

/** Writes to `<lokiUrl>/loki/api/v1/push`. */
export function createLokiPusher(lokiUrl: string): LokiPusher {
  const lanes = Array.from({ length: laneCount }, () => createLane(lokiUrl));
  const laneOfStream = new Map<string, Lane>();
  const laneOf = (stream: Stream): Lane => {
    let lane = laneOfStream.get(stream.key);
    if (lane === undefined) {
      lane = lanes[laneOfStream.size % laneCount]!;
      laneOfStream.set(stream.key, lane);
    }
    return lane;
  };
  return {
    async add(hourStart, entries) {
      for (const entry of entries) {
        laneOf(entry.stream).add(hourStart, entry);
      }
      await Promise.all(lanes.map((lane) => lane.sendIfFull()));
    },
    async end() {
      await Promise.all(lanes.map((lane) => lane.end()));
    },
  };
}

interface Lane {
  add(hourStart: number, entry: Entry): void;
  sendIfFull(): Promise<void>;
  end(): Promise<void>;
}

function createLane(lokiUrl: string): Lane {
  let values = new Map<string, string[]>();
  let bytes = 0;
  let underWay: Promise<void> = Promise.resolve();
  const send = async () => {
    await underWay;
    const body = pushBody(values);
    values = new Map();
    bytes = 0;
    underWay = push(lokiUrl, body);
    // The next call waits for it and hears of a failure; until then it must not count as unhandled.
    underWay.catch(() => undefined);
  };
  return {
    add(hourStart, { offsetNanoseconds, stream, line }) {
      let list = values.get(stream.key);
      if (list === undefined) {
        list = [];
        values.set(stream.key, list);
      }
      const value = `["${timestampText(hourStart, offsetNanoseconds)}",${JSON.stringify(line)}]`;
      list.push(value);
      bytes += value.length;
    },
    sendIfFull: async () => (bytes >= batchBytes ? send() : undefined),
    async end() {
      if (bytes > 0) {
        await send();
      }
      await underWay;
    },
  };
}

/** Keys are streams' labels as JSON, values are JSON pairs: the body is put together without building objects first. */
function pushBody(values: ReadonlyMap<string, readonly string[]>): string {
  const streams = [...values].map(([labels, list]) => `{"stream":${labels},"values":[${list.join(',')}]}`);
  return `{"streams":[${streams.join(',')}]}`;
}

/** Repeats what may succeed later. That cannot double a line: Loki keeps one of equal lines at one time in a stream. */
async function push(lokiUrl: string, body: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const failure = await tryPush(lokiUrl, body);
    if (failure === undefined) {
      return;
    }
    if (!failure.isTemporary || attempt === maxAttempts) {
      throw new Error(`Loki rejected lines after ${amountOf(attempt, 'attempt')}: ${failure.reason}`);
    }
    await sleep(Math.min(10_000, 100 * 2 ** attempt));
  }
}

async function tryPush(lokiUrl: string, body: string): Promise<{ reason: string; isTemporary: boolean } | undefined> {
  try {
    const response = await fetch(`${lokiUrl}/loki/api/v1/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    // Read in any case: an unread body keeps its connection from being used again.
    const text = await response.text();
    if (response.ok) {
      return undefined;
    }
    const isTemporary = response.status === 429 || response.status >= 500;
    return { reason: `${response.status} ${text.slice(0, 500)}`, isTemporary };
  } catch (error) {
    return {
      reason: error instanceof Error ? `${error.message} ${String(error.cause ?? '')}` : String(error),
      isTemporary: true,
    };
  }
}
