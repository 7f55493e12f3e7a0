import { run } from '../../cli/program';
import { lastSettledDay } from '../../cli/records/settledDays';
import { dayMs } from '../../src/core/domain/duration';
import { dayAt, type RecordFamily, recordFamilies, spanOfDay } from '../../src/core/records/dayRecord';
import { settingsFrom } from '../../src/core/settings';
import { UserError } from '../lib/errors';
import { type Range } from '../traffic';

export interface DaysToRecord {
  lokiUrl: string;
  prometheusUrl: string;
  range: Range;
  families?: readonly RecordFamily[];
}

/** What recording wrote, by family: how many days, and characters of all lines. */
export type Recorded = Record<RecordFamily, { days: number; kilobytes: number }>;

/**
 * Has `oscar-usage record` record the whole days of UTC in a range that have no record yet, also those that are not complete, but none that is not
 * settled yet: of a month, the last day is not in the first hours of the next one. Throws where it fails.
 */
export async function recordDays({
  lokiUrl,
  prometheusUrl,
  range,
  families = recordFamilies,
}: DaysToRecord): Promise<Recorded> {
  const first = Math.ceil(range.from / dayMs) * dayMs;
  const settled = spanOfDay(lastSettledDay(settingsFrom({}), Date.now()))?.end ?? -Infinity;
  const last = Math.floor(Math.min(range.to, settled) / dayMs) * dayMs - dayMs;
  const written = { stdout: '', stderr: '' };
  const to = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const words = [
    'record',
    '--days',
    `${dayAt(first)}..${dayAt(last)}`,
    '--families',
    families.join(),
    '--allow-incomplete',
  ];
  const code = await run(words, {
    stdout: to('stdout'),
    stderr: to('stderr'),
    environment: { OSCAR_LOKI_URL: lokiUrl, OSCAR_PROMETHEUS_URL: prometheusUrl },
    now: () => Date.now(),
    signal: new AbortController().signal,
  });
  if (code !== 0) {
    throw new UserError(`recording ended with code ${code}: ${written.stderr}${written.stdout}`);
  }
  const recorded = Object.fromEntries(recordFamilies.map((family) => [family, { days: 0, kilobytes: 0 }])) as Recorded;
  for (const [, family, size] of written.stdout.matchAll(/^\S+ +(\w+) +recorded: .*, ([\d.]+) kB$/gm)) {
    const own = recorded[family as RecordFamily];
    own.days += 1;
    own.kilobytes += Number(size);
  }
  return recorded;
}
