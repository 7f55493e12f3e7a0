import { sourceTitles } from '../domain/sources';
import { gapsIn, type Span, spanOfInclusive } from '../domain/span';
import { type GapKind } from './findings';
import { type CompletenessEntry } from './notices';

/** A stretch of time to shade. */
export interface Region {
  source: string;
  /** First ms of the stretch. */
  time: number;
  /** Last ms of the stretch (inclusive, as dashboards count). */
  timeEnd: number;
  title: string;
  text: string;
}

/** What is known of a source, as far as its gaps are concerned; the rest of an entry does not matter here. */
export type SourceGaps = Pick<
  CompletenessEntry,
  'source' | 'missing' | 'doubted' | 'notes' | 'affected_metrics' | 'advisory'
>;

const titles: Readonly<Record<GapKind, string>> = {
  unread: 'Not read',
  expired: 'No longer kept',
  'not-begun': 'Before the first data',
  silent: 'Nothing arrived',
  declared: 'Known gap',
};

/**
 * The stretches that a source does not cover, and those whose figures are in doubt (`meta.custom.completeness`), ascending
 * by time. Without `sources` those of every source that figures depend on. A doubt about the figures of the whole range has
 * no stretch of its own and gives no region; the notice tells of it.
 */
export function regionsOf(entries: readonly SourceGaps[], sources: readonly string[] = []): Region[] {
  return entries
    .filter(({ source, advisory }) => (sources.length === 0 ? !advisory : sources.includes(source)))
    .flatMap((entry) => [...gapRegions(entry), ...doubtRegions(entry)])
    .sort((a, b) => a.time - b.time || a.timeEnd - b.timeEnd);
}

function gapRegions(entry: SourceGaps): Region[] {
  return entry.missing.flatMap(({ kind, note, ...times }) =>
    spansOf([times]).map((span) => regionOf(entry, span, titles[kind], [note]))
  );
}

/** A stretch that is not covered at all need not be called doubtful too. */
function doubtRegions(entry: SourceGaps): Region[] {
  const gaps = spansOf(entry.missing);
  return spansOf(entry.doubted)
    .flatMap((span) => gapsIn(span, gaps))
    .map((span) => regionOf(entry, span, 'In doubt', entry.notes));
}

/** What is no stretch of time is left out. */
function spansOf(stretches: ReadonlyArray<{ from: string; to: string }>): Span[] {
  return stretches
    .map(({ from, to }) => spanOfInclusive(Date.parse(from), Date.parse(to)))
    .filter(({ start, end }) => start < end);
}

function regionOf(entry: SourceGaps, { start, end }: Span, title: string, notes: readonly string[]): Region {
  const { source, affected_metrics } = entry;
  const sourceTitle = (sourceTitles as Readonly<Record<string, string>>)[source] ?? source;
  const touches = affected_metrics.length > 0 ? [`affects ${affected_metrics.join(', ')}`] : [];
  return {
    source,
    time: start,
    timeEnd: end - 1,
    title: `${title}: ${sourceTitle}`,
    text: [...notes, ...touches].join('; '),
  };
}
