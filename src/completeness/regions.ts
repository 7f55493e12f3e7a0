import { sourceTitles } from '../domain/sources';
import { type CompletenessEntry } from './notices';

/** A stretch of time to shade. */
export interface Region {
  source: string;
  /** First ms without data. */
  time: number;
  /** Last ms without data (inclusive, as dashboards count). */
  timeEnd: number;
  title: string;
  text: string;
}

/** What is known of a source, as far as its gaps are concerned; the rest of an entry does not matter here. */
export type GapEntry = Pick<CompletenessEntry, 'source' | 'missing' | 'notes' | 'affected_metrics'>;

/**
 * The spans over which a source has no data (`meta.custom.completeness`), ascending by time. Without `sources` those of
 * every source. A doubt about the figures of the whole range has no span and gives no region; the notice tells of it.
 */
export function regionsOf(entries: readonly GapEntry[], sources: readonly string[] = []): Region[] {
  return entries
    .filter(({ source }) => sources.length === 0 || sources.includes(source))
    .flatMap((entry) =>
      entry.missing.map(({ from, to }) => ({
        source: entry.source,
        time: Date.parse(from),
        timeEnd: Date.parse(to),
        title: `No data: ${titleOf(entry.source)}`,
        text: textOf(entry),
      }))
    )
    .filter(({ time, timeEnd }) => time <= timeEnd)
    .sort((a, b) => a.time - b.time || a.timeEnd - b.timeEnd);
}

function textOf({ notes, affected_metrics }: GapEntry): string {
  const affected = affected_metrics.length > 0 ? [`touches ${affected_metrics.join(', ')}`] : [];
  return [...notes, ...affected].join('; ');
}

function titleOf(source: string): string {
  return (sourceTitles as Readonly<Record<string, string>>)[source] ?? source;
}
