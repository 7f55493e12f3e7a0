import { defer } from 'rxjs';

import { dayMs } from '../../src/core/domain/duration';
import {
  type Day,
  isCountFamily,
  isCounts,
  type RecordFamily,
  recordFamilies,
  spanOfDay,
} from '../../src/core/records/dayRecord';
import { countLines } from '../../src/core/records/lineCheck';
import { type RecordedDay } from '../../src/core/records/readRecords';
import { lineFamilyOf } from '../../src/core/sources/recordDay';
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
  // What is to be recorded or compared is counted without records.
  const counting = { ...settings, recordsSelector: '' };
  return { configuration, records, upstreams: openUpstreams(counting, connections, io.now), families, io };
}

function has(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

/** What there is about some days (ascending), past what is known already. Throws a told error. */
export async function recordsOf(
  { upstreams, records, families, io, configuration }: Recorder,
  days: readonly Day[]
): Promise<RecordedDay[]> {
  const [first, last] = [days[0], days[days.length - 1]].map((day) => spanOfDay(day ?? ''));
  const span = { start: first?.start ?? 0, end: last?.end ?? 0 };
  const { selector, trust } = records;
  const found$ = defer(() =>
    upstreams.recordArchive.find(lokiClient(upstreams.connections), {
      selector,
      trust,
      families,
      span,
      readAgain: true,
    })
  );
  return lastOf(found$, io.signal).catch((error: unknown) => {
    throw error instanceof ToldError ? error : new ToldError(configuration.redact(explainByAddress('Loki', error)));
  });
}

/** Days whose records are compared with Loki's own count: the data source does the same with the last seven. */
const comparedMs = 9 * dayMs;

/** Of records that were read, those of the last days whose log lines are no longer as many as they were. Throws a told error. */
export async function outdatedAmong(
  { upstreams, configuration, io }: Recorder,
  found: readonly RecordedDay[]
): Promise<RecordedDay[]> {
  const client = lokiClient(upstreams.connections).fresh();
  const outdated: RecordedDay[] = [];
  for (const family of recordFamilies.filter(isCountFamily)) {
    const days = found.flatMap((one) => {
      const span = spanOfDay(one.day);
      const record = one.family === family ? one.valid?.record : undefined;
      const isCompared =
        record && isCounts(record) && record.logLines !== undefined && span && span.end > io.now() - comparedMs;
      return isCompared ? [{ one, span, logLines: record.logLines }] : [];
    });
    const spans = days.map(({ span }) => span);
    const counted$ = countLines(client, lineFamilyOf(family, configuration.settings), spans);
    const lines = await lastOf(counted$, io.signal).catch((error: unknown) => {
      throw error instanceof ToldError ? error : new ToldError(configuration.redact(explainByAddress('Loki', error)));
    });
    outdated.push(...days.filter(({ span, logLines }) => lines.get(span.start) !== logLines).map(({ one }) => one));
  }
  return outdated;
}

/** Days whose records are read at once. */
export const daysAtOnce = 8;
