import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { systemErrorCode } from '../lib/errors';
import { createParameters, fingerprintOf, type TrafficParameters } from './parameters';

/** Says what a data directory was filled with. It is written last: without it, the data are not complete. */
export interface SeedRecord {
  /** Of the parameters and the generator's version. */
  fingerprint: string;
  parameters: TrafficParameters;
  /** Whether Prometheus was filled, too. */
  hasMetrics: boolean;
  /** Number of log entries in Loki. */
  entries: number;
}

const recordName = 'seed.json';

/** Path of the truth of a data directory. */
export function truthFileOf(directory: string): string {
  return join(directory, 'truth.ndjson.gz');
}

/** The record of a data directory; undefined when it was not filled, or not completely. */
export async function readSeedRecord(directory: string): Promise<SeedRecord | undefined> {
  try {
    return JSON.parse(await readFile(join(directory, recordName), 'utf8')) as SeedRecord;
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT' || error instanceof SyntaxError) {
      return undefined;
    }
    throw error;
  }
}

export async function writeSeedRecord(directory: string, record: SeedRecord): Promise<void> {
  await writeFile(join(directory, recordName), `${JSON.stringify(record, null, 2)}\n`);
}

/**
 * Whether data of that record are what these parameters would give. When no end is asked for, any end will do: the
 * default one moves on with every hour.
 */
export function isSeededWith(record: SeedRecord | undefined, wanted: Partial<TrafficParameters>): boolean {
  return (
    record !== undefined &&
    record.fingerprint === fingerprintOf(createParameters({ ...wanted, end: wanted.end ?? record.parameters.end }))
  );
}
