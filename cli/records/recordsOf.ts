import { type Day, type RecordFamily, recordFamilies } from '../../src/core/records/dayRecord';
import { readRecords, type ReadRecords } from '../../src/core/records/readRecords';
import { readRecordLines } from '../../src/core/records/recordLines';
import { openUpstreams, type Upstreams } from '../../src/core/sources/upstreams';
import { lokiClient } from '../../src/core/upstream/connections';
import { lastOf } from '../asking';
import { type Configuration } from '../config/configuration';
import { explainByAddress } from '../config/explain';
import { ToldError, usageError } from '../exit';
import { type Io } from '../io';
import { type RecordSettings } from './recordSettings';

/** What a command needs to read and to count days. */
export interface Recorder {
  configuration: Configuration;
  records: RecordSettings;
  upstreams: Upstreams;
  families: readonly RecordFamily[];
  io: Io;
}

/** A recorder over a configuration. Throws a told error where there is no Loki, or a family cannot be counted. */
export function recorderOf(
  configuration: Configuration,
  records: RecordSettings,
  asked: readonly RecordFamily[] | undefined,
  io: Io
): Recorder {
  const { settings, connections } = configuration;
  if (!has(() => connections.loki())) {
    throw usageError('usage records are kept in Loki, and no address of it is given; set OSCAR_LOKI_URL');
  }
  const isConfigured = (family: RecordFamily) => {
    if (family === 'exposed') {
      return settings.exposedSelector !== '';
    }
    return family === 'requests' || has(() => connections.prometheus());
  };
  const families = asked ?? recordFamilies.filter(isConfigured);
  return { configuration, records, upstreams: openUpstreams(settings, connections, io.now), families, io };
}

function has(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

/** The records of some days, a few of them at a time. Throws a told error. */
export async function recordsOf(
  { upstreams, records, families, io, configuration }: Recorder,
  days: readonly Day[]
): Promise<ReadRecords> {
  // Entries of the present millisecond are read, too.
  const question = { selector: records.selector, days, families, now: io.now() + 1 };
  const lines = await lastOf(readRecordLines(lokiClient(upstreams.connections).fresh(), question), io.signal).catch(
    (error: unknown) => {
      throw error instanceof ToldError ? error : new ToldError(configuration.redact(explainByAddress('Loki', error)));
    }
  );
  return readRecords(lines, records.trust);
}

/** Days whose records are read at once. */
export const daysAtOnce = 8;
