import { compareText } from '../domain/text';
import { sortedInSteps, type Work } from '../runtime/turns';
import { placeOf } from './arrange';
import { type SeriesBlock, type SeriesPoint } from './report';
import { safeCell } from './table';

/** Values over time, one for each bucket; null where the value is not known. */
export interface Series extends Pick<SeriesPoint, 'name' | 'labels' | 'unit'> {
  /** For people; safe in a spreadsheet. */
  displayName: string;
  values: Array<number | null>;
}

/** A report over time. */
export interface TimeSeries {
  /** Where the buckets begin, in ms since the epoch. */
  starts: number[];
  /** Largest first, then by label. */
  series: Series[];
}

interface Summed extends Pick<SeriesPoint, 'name' | 'labels' | 'unit' | 'sources' | 'last'> {
  values: Array<number | null>;
  /** Sum of the values. */
  total: number;
  /** Name and labels. */
  text: string;
}

/** Points, or series, between two interruptions. */
const seriesAtOnce = 200;

/**
 * The series of a report (contract, "Result frames"). A bucket without a point of a series is 0, or null where a source of the
 * series is missing.
 */
export function* timeSeriesOf(blocks: readonly SeriesBlock[]): Work<TimeSeries> {
  const summed = yield* sortedInSteps(
    yield* summedOf(blocks),
    (a, b) => placeOf(a) - placeOf(b) || b.total - a.total || compareText(a.text, b.text)
  );
  const hasSeveral = new Set(summed.map(({ name }) => name)).size > 1;
  const series: Series[] = [];
  for (const { name, labels, unit, values } of summed) {
    const shown = String(safeCell(displayName(name, labels, hasSeveral)));
    series.push({ name, labels, unit, displayName: shown, values });
    if (series.length % seriesAtOnce === 0) {
      yield;
    }
  }
  return { starts: blocks.map(({ period }) => period.start), series };
}

function* summedOf(blocks: readonly SeriesBlock[]): Work<Summed[]> {
  const series = new Map<string, Summed>();
  for (const [index, { points }] of blocks.entries()) {
    let visited = 0;
    for (const { name, labels, unit, sources, value, last } of points) {
      const key = JSON.stringify([name, labels]);
      let own = series.get(key);
      if (!own) {
        const values = emptyBuckets(blocks, name, sources);
        own = { name, labels, unit, sources, values, total: 0, text: labelText(name, labels), ...(last && { last }) };
        series.set(key, own);
      }
      own.values[index] = typeof value === 'number' ? value : null;
      own.total += typeof value === 'number' ? value : 0;
      visited += 1;
      if (visited % seriesAtOnce === 0) {
        yield;
      }
    }
    yield;
  }
  return [...series.values()];
}

/** A bucket in which nothing was counted is a measured 0, unless a source of it is missing or the figure not known. */
function emptyBuckets(
  blocks: readonly SeriesBlock[],
  name: string,
  sources: SeriesPoint['sources']
): Array<number | null> {
  return blocks.map(({ missing, unknown }) =>
    unknown.has(name) || sources.some((source) => missing.has(source)) ? null : 0
  );
}

function labelText(name: string, labels: SeriesPoint['labels']): string {
  return [name, ...Object.values(labels)].join(' ');
}

/** The labels name a series; the figure does so only where there are several. */
function displayName(name: string, labels: SeriesPoint['labels'], severalFigures: boolean): string {
  const values = Object.values(labels).filter((value) => value !== '');
  return [...(severalFigures || values.length === 0 ? [name] : []), ...values].join(' ');
}
