import { run } from '../../cli/program';
import { dayMs } from '../../src/core/domain/duration';
import { dayAt, type RecordFamily, recordFamilies } from '../../src/core/records/dayRecord';
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
 * Has `oscar-usage record` record the whole days of UTC in a range that have no record yet, also those that are not complete. Throws where
 * it fails.
 */
export async function recordDays({
  lokiUrl,
  prometheusUrl,
  range,
  families = recordFamilies,
}: DaysToRecord): Promise<Recorded> {
  const [first, last] = [Math.ceil(range.from / dayMs) * dayMs, Math.floor(range.to / dayMs) * dayMs - dayMs];
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
