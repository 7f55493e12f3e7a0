import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { minuteMs } from '../../src/core/domain/duration';
import { outcomes } from './outcomes';
import type { TrafficParameters } from './parameters';
import { podKinds, type PodKind } from './podKinds';
import { isServiceName } from './services';
import type { HourOfTraffic } from './timeline';
import {
  invalidService,
  noUser,
  truthFormat,
  truthFormatVersion,
  unknownCountry,
  type TruthEnd,
  type TruthHeader,
} from './truthFile';

/** CPU and GPU time of one service's pods of one kind in one hour. */
export interface UsageFact {
  /** Milliseconds since the epoch, a whole hour. */
  hourStart: number;
  service: string;
  kind: PodKind;
  cpuSeconds: number;
  gpuSeconds: number;
}

export interface TruthWriter {
  addHour(hour: HourOfTraffic): Promise<void>;
  addUsage(facts: readonly UsageFact[]): Promise<void>;
  /** Completes the file. Fulfils when it is on disk. */
  end(end: TruthEnd): Promise<void>;
}

/** Creates the file (and its folder), or begins it anew. */
export async function createTruthWriter(file: string, parameters: TrafficParameters): Promise<TruthWriter> {
  await mkdir(dirname(file), { recursive: true });
  const gzip = createGzip({ level: 3 });
  const output = gzip.pipe(createWriteStream(file));
  const written = finished(output);
  // Whoever writes next, or ends the file, hears of a failure; until then it must not count as unhandled.
  written.catch(() => undefined);
  const write = async (rows: readonly unknown[]) => {
    if (rows.length > 0 && !gzip.write(`${rows.map((row) => JSON.stringify(row)).join('\n')}\n`)) {
      await Promise.race([new Promise((fulfil) => gzip.once('drain', fulfil)), written]);
    }
  };
  const dictionary = createDictionary();
  const header: TruthHeader = { format: truthFormat, version: truthFormatVersion, parameters };
  await write([header]);
  return {
    addHour: (hour) => write(dictionary.define((id) => hourRows(hour, id))),
    addUsage: (facts) =>
      write(
        dictionary.define((id) =>
          facts.map(({ hourStart, service, kind, cpuSeconds, gpuSeconds }) => [
            'u',
            hourStart / minuteMs,
            id('service', service),
            podKinds.indexOf(kind),
            round(cpuSeconds),
            round(gpuSeconds),
          ])
        )
      ),
    async end(end) {
      await write([['end', end]]);
      gzip.end();
      await written;
    },
  };
}

type NumberOf = (kind: 'service' | 'user' | 'country', name: string) => number;

/** Numbers names in the order of their first use, and puts their definitions before the rows that use them. */
function createDictionary() {
  const known = {
    service: new Map<string, number>(),
    user: new Map<string, number>(),
    country: new Map<string, number>(),
  };
  return {
    define(createRows: (id: NumberOf) => unknown[]): unknown[] {
      const definitions: unknown[] = [];
      const rows = createRows((kind, name) => {
        const existing = known[kind].get(name);
        if (existing !== undefined) {
          return existing;
        }
        definitions.push([kind, name]);
        known[kind].set(name, known[kind].size);
        return known[kind].size - 1;
      });
      return [...definitions, ...rows];
    },
  };
}

function hourRows(hour: HourOfTraffic, id: NumberOf): unknown[] {
  const requests = countEqual(
    hour.requests.map(({ minute, service, type, user, country, outcome }) => [
      minute,
      id('service', isServiceName(service) ? service : invalidService),
      type === 'sync' ? 0 : 1,
      id('user', user === '' ? noUser : user),
      id('country', country === '' ? unknownCountry : country),
      outcomes.indexOf(outcome),
    ])
  );
  const exposed = countEqual(
    hour.exposed.map(({ minute, service, country, outcome }) => [
      minute,
      id('service', isServiceName(service) ? service : invalidService),
      id('country', country === '' ? unknownCountry : country),
      outcomes.indexOf(outcome),
    ])
  );
  return [...requests.map((row) => ['r', ...row]), ...exposed.map((row) => ['x', ...row])];
}

/** Equal rows become one with their number as the last column; sorted by the first column. */
function countEqual(rows: number[][]): number[][] {
  const counts = new Map<string, { row: number[]; count: number }>();
  for (const row of rows) {
    const key = row.join();
    const entry = counts.get(key);
    if (entry === undefined) {
      counts.set(key, { row, count: 1 });
    } else {
      entry.count++;
    }
  }
  return [...counts.values()].map(({ row, count }) => [...row, count]).sort((left, right) => left[0]! - right[0]!);
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
