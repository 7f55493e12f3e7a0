import { amountOf } from '../../src/core/domain/text';
import {
  type Day,
  type DayRecord,
  isComplete,
  isCounts,
  nanoHoursInHour,
  type RecordFamily,
} from '../../src/core/records/dayRecord';
import { sumOf } from '../../src/core/records/document';
import { differsFrom } from '../../src/core/records/patterns';
import { type RecordedDay, readRecords } from '../../src/core/records/readRecords';
import { publicKeyOf } from '../../src/core/records/signature';
import { linesOf } from '../../src/core/records/writeLines';
import { type Countable, recordDay } from '../../src/core/sources/recordDay';
import { lastOf } from '../asking';
import { readConfiguration } from '../config/configuration';
import { type ExitCode, exitCodes, ToldError, usageError } from '../exit';
import { type Io, tell } from '../io';
import { printable } from '../output/text';
import { pushLines } from '../records/push';
import { recordSettings, secretKeyOf, type userModes, usersOf } from '../records/recordSettings';
import { daysAtOnce, outdatedAmong, type Recorder, recorderOf, recordsOf } from '../records/recordsOf';
import { settledDays } from '../records/settledDays';

/** What the command line says of recording. */
export interface RecordOptions {
  config?: string;
  lokiUrl?: string;
  prometheusUrl?: string;
  days: string;
  families?: RecordFamily[];
  users: (typeof userModes)[number];
  allowIncomplete?: boolean;
  dryRun?: boolean;
  publicKey?: boolean;
  version: string;
}

/** A document that is to be written. */
interface Written {
  family: RecordFamily;
  day: Day;
  recordedAt: string;
}

/** Counts settled days that have no valid record, and writes their records to Loki. */
export async function runRecord(options: RecordOptions, io: Io): Promise<ExitCode> {
  if (options.publicKey) {
    const secretKey = secretKeyOf(io.environment);
    if (!secretKey) {
      throw usageError('there is no key: set OSCAR_RECORDS_SIGNING_KEY or OSCAR_RECORDS_SIGNING_KEY_FILE');
    }
    io.stdout.write(`${publicKeyOf(secretKey)}\n`);
    return exitCodes.done;
  }
  const configuration = readConfiguration(options, io.environment);
  try {
    const records = recordSettings(io.environment, configuration.settings);
    const users = usersOf(options.users, records.usersKey);
    const recorder = recorderOf(configuration, records, options.families, io);
    const days = settledDays(options.days, configuration.settings, io.now());
    let isWhole = true;
    for (let first = 0; first < days.length; first += daysAtOnce) {
      const some = days.slice(first, first + daysAtOnce);
      const known = await recordsOf(recorder, some);
      const outdated = await outdatedAmong(recorder, known);
      const written: Written[] = [];
      for (const day of some) {
        const open = recorder.families.filter((family) => isOpen(known, outdated, family, day, recorder));
        if (open.length > 0) {
          const { settings } = configuration;
          const counted$ = recordDay({ day, families: open, users, settings, now: io.now() }, recorder.upstreams);
          for (const countable of await lastOf(counted$, io.signal)) {
            const before = known.find((one) => one.family === countable.family && one.day === day);
            const result = await record(countable, day, before, options, recorder);
            isWhole &&= result !== 'refused';
            written.push(...(typeof result === 'object' ? [result] : []));
          }
        }
      }
      await requireReadable(recorder, written);
    }
    return isWhole ? exitCodes.done : exitCodes.incomplete;
  } finally {
    await configuration.close();
  }
}

/** True where a day has no record that counts, or a newer one that is not valid, or one that is not complete or no longer right. */
function isOpen(
  known: readonly RecordedDay[],
  outdated: readonly RecordedDay[],
  family: RecordFamily,
  day: Day,
  { configuration }: Recorder
): boolean {
  const found = known.find((one) => one.family === family && one.day === day);
  return (
    !found?.valid ||
    outdated.includes(found) ||
    found.refused.length > 0 ||
    differsFrom(found.valid.record, configuration.settings) !== undefined ||
    !isComplete(found.valid.record)
  );
}

async function record(
  countable: Countable,
  day: Day,
  before: RecordedDay | undefined,
  options: RecordOptions,
  recorder: Recorder
): Promise<Written | 'refused' | 'nothing'> {
  const { io, configuration, records } = recorder;
  const { family, record: counted } = countable;
  const say = (text: string) =>
    io.stdout.write(`${printable(configuration.redact(`${day}  ${family.padEnd(8)}  ${text}`))}\n`);
  const obstacle = obstacleTo(countable, before?.valid?.record, options);
  if (obstacle || !counted) {
    say(obstacle?.text ?? 'nothing to record');
    return obstacle?.result ?? 'nothing';
  }
  const recordedAt = after(before, io.now());
  const recording = { recordedAt, product: options.version, secretKey: records.secretKey };
  const lines = await linesOf(counted, day, recording);
  await requireValid(lines, `${day} (${family})`, recorder);
  const size = lines.reduce((sum, line) => sum + line.length, 0);
  const what = `${isComplete(counted) ? '' : 'not complete, '}${amountIn(counted)}, ${(size / 1000).toFixed(1)} kB`;
  if (options.dryRun) {
    say(`would be recorded: ${what}`);
    return 'nothing';
  }
  await lastOf(pushLines(configuration, records.labels, family, lines, io.now()), io.signal);
  say(`recorded: ${what}`);
  return { family, day, recordedAt: new Date(recordedAt).toISOString() };
}

/** Nothing is written that readers would refuse: then it would stand in Loki for ever. Throws a told error. */
async function requireValid(lines: readonly string[], what: string, { records }: Recorder): Promise<void> {
  const { days, strangers } = await readRecords(lines, records.secretKey ? records.trust : {});
  if (!days[0]?.valid) {
    const reason = days[0]?.refused[0]?.reason ?? strangers[0] ?? 'it is empty';
    throw new ToldError(`the record of ${what} is not written, because readers would refuse it: ${reason}`);
  }
}

/** Why a day is not recorded; undefined where it is. */
function obstacleTo(
  { family, record: counted, state, failed }: Countable,
  before: DayRecord | undefined,
  { allowIncomplete }: RecordOptions
): { result: 'refused' | 'nothing'; text: string } | undefined {
  const notes = state.notes.join('; ');
  if (!counted) {
    // Most clusters have no GPUs, and what is not configured is no fault.
    return state.unconfigured === true || (family === 'gpu' && !failed)
      ? { result: 'nothing', text: `nothing to record: ${notes}` }
      : { result: 'refused', text: `not recorded, nothing is known of it: ${notes}` };
  }
  if (isComplete(counted) || (allowIncomplete && !before)) {
    return undefined;
  }
  // A record that is not complete never takes the place of another one: the logs may be gone.
  const why = before ? 'the former record stays' : '--allow-incomplete records it as it is';
  return {
    result: before && !isComplete(before) ? 'nothing' : 'refused',
    text: `not recorded, it is not complete (${why}): ${notes}`,
  };
}

/** Now, or later where there is a record that was made later, by a clock that is fast: the newest one counts. */
function after(before: RecordedDay | undefined, now: number): number {
  const earlier = [...(before?.refused ?? []), ...(before?.valid ? [before.valid.header] : [])];
  return Math.max(now, ...earlier.map(({ recordedAt }) => Date.parse(recordedAt) + 1));
}

function amountIn(record: DayRecord): string {
  if (!isCounts(record)) {
    return `${(sumOf(record.tables.hours.nanoHours) / nanoHoursInHour).toFixed(2)} hours, ${amountOf(record.services.length, 'service')}`;
  }
  const requests = amountOf(sumOf(record.rows.counts), 'request');
  return record.family === 'exposed' ? requests : `${requests}, ${amountOf(record.names.user.length, 'user')}`;
}

/** What Loki took must be found again, by the selector that all readers use. Throws a told error where it is not. */
async function requireReadable(recorder: Recorder, written: readonly Written[]): Promise<void> {
  if (written.length === 0) {
    return;
  }
  const found = await recordsOf(recorder, [...new Set(written.map(({ day }) => day))].sort());
  for (const { family, day, recordedAt } of written) {
    const own = found.find((one) => one.family === family && one.day === day);
    // Another recorder may have written a newer one at the same time.
    if (!own?.valid || own.valid.header.recordedAt < recordedAt) {
      const { publicKey } = recorder.records.trust;
      const lacking = publicKey
        ? 'Loki does not give it back, or it is not signed with the key'
        : 'Loki does not give it back';
      const reason = own?.refused[0]?.reason ?? lacking;
      throw new ToldError(
        `the record of ${day} (${family}) was written, but it is not valid when it is read: ${reason}; check that the option recordsSelector, the tenant and the keys are those of the readers`
      );
    }
  }
  tell(recorder.io, `${written.length} ${written.length === 1 ? 'record' : 'records'} written, read again and valid`);
}
