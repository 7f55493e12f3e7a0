import { randomInt } from 'node:crypto';

import { dayMs } from '../../src/core/domain/duration';
import { differencesOf } from '../../src/core/records/compare';
import {
  type Day,
  dayAt,
  type DayRecord,
  isComplete,
  isCounts,
  type RecordFamily,
  spanOfDay,
} from '../../src/core/records/dayRecord';
import { differsFrom } from '../../src/core/records/patterns';
import { type RecordedDay } from '../../src/core/records/readRecords';
import { usersOf as recordedUsersOf } from '../../src/core/records/users';
import { recordDay } from '../../src/core/sources/recordDay';
import { lastOf } from '../asking';
import { readConfiguration } from '../config/configuration';
import { type ExitCode, exitCodes, usageError } from '../exit';
import { type Io } from '../io';
import { printable } from '../output/text';
import { recordSettings, usersOf } from '../records/recordSettings';
import { daysAtOnce, type Recorder, recorderOf, recordsOf } from '../records/recordsOf';
import { lastSettledDay, settledDays } from '../records/settledDays';

/** What the command line says of verifying. */
export interface VerifyOptions {
  config?: string;
  lokiUrl?: string;
  prometheusUrl?: string;
  days: string;
  families?: RecordFamily[];
  /** Older days that are chosen at random. */
  random: number;
  /** How many days back these may lie. */
  within: number;
}

type Verdict = 'same' | 'different' | 'unknown';

/** Counts days again, and compares them with their records. */
export async function runVerify(options: VerifyOptions, io: Io): Promise<ExitCode> {
  const configuration = readConfiguration(options, io.environment);
  try {
    const records = recordSettings(io.environment, configuration.settings);
    const recorder = recorderOf(configuration, records, options.families, io);
    const last = settledDays(options.days, configuration.settings, io.now());
    const days = [...someBefore(last[0] as Day, options, lastSettledDay(configuration.settings, io.now())), ...last];
    const verdicts: Verdict[] = [];
    for (let first = 0; first < days.length; first += daysAtOnce) {
      const some = days.slice(first, first + daysAtOnce);
      const known = await recordsOf(recorder, some);
      for (const day of some) {
        for (const family of recorder.families) {
          const found = known.find((one) => one.family === family && one.day === day);
          const { verdict, text } = await verdictOn(found, day, recorder);
          verdicts.push(verdict);
          io.stdout.write(`${printable(configuration.redact(`${day}  ${family.padEnd(8)}  ${text}`))}\n`);
        }
      }
    }
    const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length;
    io.stdout.write(
      `the same: ${count('same')}, different: ${count('different')}, not compared: ${count('unknown')}\n`
    );
    return count('different') > 0 ? exitCodes.different : exitCodes.done;
  } finally {
    await configuration.close();
  }
}

/** Some days before `first`, ascending. */
function someBefore(first: Day, { random, within }: VerifyOptions, latest: Day): Day[] {
  const [end = 0, newest = 0] = [spanOfDay(first)?.start, spanOfDay(latest)?.start];
  const oldest = newest - (within - 1) * dayMs;
  const all = Array.from({ length: Math.max(0, Math.round((end - oldest) / dayMs)) }, (_, index) =>
    dayAt(oldest + index * dayMs)
  );
  const chosen: Day[] = [];
  while (chosen.length < random && all.length > 0) {
    chosen.push(...all.splice(randomInt(all.length), 1));
  }
  return chosen.sort();
}

interface Judged {
  verdict: Verdict;
  text: string;
}

async function verdictOn(found: RecordedDay | undefined, day: Day, recorder: Recorder): Promise<Judged> {
  if (!found) {
    return { verdict: 'unknown', text: 'no record' };
  }
  const { valid, refused } = found;
  if (!valid) {
    return { verdict: 'different', text: `no valid record: ${refused[0]?.reason ?? ''}` };
  }
  const { verdict, text } = await comparedWithCount(valid.record, day, recorder);
  const newer = refused.map(({ recordedAt, reason }) => `; a newer record, of ${recordedAt}, is not valid: ${reason}`);
  return { verdict: refused.length > 0 ? 'different' : verdict, text: [text, ...newer].join('') };
}

async function comparedWithCount(
  record: DayRecord,
  day: Day,
  { configuration, records, upstreams, io }: Recorder
): Promise<Judged> {
  const { settings } = configuration;
  const { family } = record;
  const outdated = differsFrom(record, settings);
  if (outdated !== undefined) {
    return { verdict: 'unknown', text: `not compared, ${outdated}` };
  }
  const users = isCounts(record) ? usersFor(record, records.usersKey) : ({ mode: 'plain' } as const);
  const counted$ = recordDay({ day, families: [family], users, settings, now: io.now() }, upstreams);
  const [counted] = await lastOf(counted$, io.signal);
  if (!counted?.record || !isComplete(counted.record)) {
    const notes = counted?.state.notes.join('; ') ?? '';
    return { verdict: 'unknown', text: `not compared, the day cannot be counted completely any more: ${notes}` };
  }
  const differences = differencesOf(record, counted.record, spanOfDay(day) ?? { start: 0, end: 0 });
  return differences.length > 0
    ? { verdict: 'different', text: `different: ${differences.join('; ')}` }
    : { verdict: 'same', text: 'the same' };
}

/** Users as the record has them. Throws a told error where another key is given. */
function usersFor({ users }: Extract<DayRecord, { users: unknown }>, usersKey: string | undefined) {
  const asked = usersOf(users.mode, usersKey);
  const own = recordedUsersOf(asked);
  if (users.mode === 'hashed' && own.mode === 'hashed' && own.key !== users.key) {
    throw usageError('OSCAR_RECORDS_USERS_KEY is another key than the one that the records were made with');
  }
  return asked;
}
