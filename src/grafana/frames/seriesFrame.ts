import { createDataFrame, type DataFrame, type Field, FieldType } from '@grafana/data';

import { compareText } from '../../core/domain/text';
import { placeOf } from '../../core/reports/arrange';
import { type SeriesBlock, type SeriesPoint } from '../../core/reports/report';
import { sortedInSteps, type Work } from '../../core/turns';
import { inspectable, safeCell, type TableMeta } from './tableFrame';

interface Series extends Pick<SeriesPoint, 'name' | 'labels' | 'unit' | 'sources' | 'last'> {
  values: Array<number | null>;
  /** Sum of the values. */
  total: number;
  /** Name and labels. */
  text: string;
}

/** Points, or series, between two interruptions. */
const seriesAtOnce = 200;

/**
 * One wide frame: `time` (start of the bucket) and one field per series (contract, "Result frames"). A bucket without
 * a point of a series is 0, or null where a source of the series is missing. Largest series first, then by label.
 */
export function* seriesFrame(blocks: readonly SeriesBlock[], meta: TableMeta): Work<DataFrame> {
  const series = yield* sortedInSteps(
    yield* seriesOf(blocks),
    (a, b) => placeOf(a) - placeOf(b) || b.total - a.total || compareText(a.text, b.text)
  );
  const names = new Set(series.map(({ name }) => name));
  const fields: Field[] = [
    { name: 'time', type: FieldType.time, config: {}, values: blocks.map(({ period }) => period.start) },
  ];
  for (const { name, labels, unit, values } of series) {
    const displayNameFromDS = String(safeCell(displayName(name, labels, names.size > 1)));
    fields.push({ name, type: FieldType.number, labels: { ...labels }, config: { unit, displayNameFromDS }, values });
    if (fields.length % seriesAtOnce === 0) {
      yield;
    }
  }
  return {
    ...createDataFrame({
      name: meta.name,
      refId: meta.refId,
      fields,
      meta: {
        preferredVisualisationType: 'graph',
        executedQueryString: meta.executedQueryString,
        notices: inspectable(meta.notices),
        custom: { completeness: meta.completeness },
      },
    }),
    length: blocks.length,
  };
}

function* seriesOf(blocks: readonly SeriesBlock[]): Work<Series[]> {
  const series = new Map<string, Series>();
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
