import { lastValueFrom } from 'rxjs';

import { type Answer } from '../core/answer';
import { dayMs, hourMs } from '../core/domain/duration';
import { type Span } from '../core/domain/span';
import { type UsageOptions } from '../core/options';
import { type UsageQuery } from '../core/query';
import { dayAt, isComplete } from '../core/records/dayRecord';
import { type UsersToRecord } from '../core/records/users';
import { linesOf } from '../core/records/writeLines';
import { createSession } from '../core/session';
import { settingsFrom } from '../core/settings';
import { recordDay } from '../core/sources/recordDay';
import { openUpstreams } from '../core/sources/upstreams';
import { once } from '../core/upstream/retry';
import { epoch } from './arbitraries';
import { connectionsOver, withoutPrometheus } from './connections';
import { FakeLoki, type FakeLokiOptions, type LogEntry } from './fakeLoki';
import { withProofs } from './proofs';

const nsPerMs = 1_000_000n;

export interface Recording {
  options?: UsageOptions;
  users?: UsersToRecord;
  secretKey?: Uint8Array;
  /** When it is recorded, in ms since the epoch; an hour after the day when absent. */
  at?: number;
  /** True to record a day that is not complete, too. */
  allowIncomplete?: boolean;
}

/** The lines that record the requests of a day (number `offset` after `epoch`) of these logs; none where it is not complete. */
export async function recordedLines(
  logs: readonly LogEntry[],
  offset: number,
  { options, users = { mode: 'plain' }, secretKey, at, allowIncomplete = false }: Recording = {}
): Promise<LogEntry[]> {
  const settings = settingsFrom({ exposedSelector: '', recordsSelector: '', ...options });
  const [start, recordedAt] = [epoch + offset * dayMs, at ?? epoch + (offset + 1) * dayMs + hourMs];
  const connections = connectionsOver(withoutPrometheus(withProofs(new FakeLoki(logs).transport)));
  const upstreams = openUpstreams(settings, connections, () => recordedAt, { ...once, retries: 0 });
  const day = dayAt(start);
  const [counted] = await lastValueFrom(
    recordDay({ day, families: ['requests'], users, settings, now: recordedAt }, upstreams)
  );
  if (!counted?.record || (!isComplete(counted.record) && !allowIncomplete)) {
    return [];
  }
  const lines = await linesOf(counted.record, day, { recordedAt, product: '0.1.0', secretKey });
  return lines.map((line, index) => ({
    time: BigInt(recordedAt) * nsPerMs + BigInt(index),
    line,
    labels: { family: 'requests' },
  }));
}

/** What a new session answers over these entries: logs, and records, which have the label `family`. */
export async function answerOver(
  entries: readonly LogEntry[],
  query: UsageQuery,
  range: Span,
  { zone = 'utc', now, options, loki }: { zone?: string; now: number; options?: UsageOptions; loki?: FakeLokiOptions }
): Promise<{ answer: Answer; fake: FakeLoki }> {
  const isRecord = ({ labels }: LogEntry) => 'family' in labels;
  const logs = entries.filter((one) => !isRecord(one));
  const fake = new FakeLoki(logs, { ...loki, records: entries.filter(isRecord) });
  const connections = connectionsOver(withoutPrometheus(withProofs(fake.transport)));
  const settings = settingsFrom({ exposedSelector: '', ...options });
  const session = createSession(settings, connections, () => now, { ...once, retries: 0 });
  return { answer: await lastValueFrom(session.answer(query, range, zone, now)), fake };
}
