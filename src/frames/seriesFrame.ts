import { createDataFrame, type DataFrame, type Field, FieldType } from '@grafana/data';

import { compareText } from '../domain/text';
import { type SeriesBlock, type SeriesPoint } from '../reports/report';
import { safeCell, type TableMeta } from './tableFrame';

interface Series extends Pick<SeriesPoint, 'name' | 'labels' | 'unit' | 'sources'> {
  values: Array<number | null>;
}

/**
 * One wide frame: `time` (start of the bucket) and one field per series (contract, "Result frames"). A bucket without
 * a point of a series is 0, or null where a source of the series is missing. Largest series first, then by label.
 */
export function seriesFrame(blocks: readonly SeriesBlock[], meta: TableMeta): DataFrame {
  const series = [...seriesOf(blocks).values()].sort(
    (a, b) => total(b) - total(a) || compareText(labelText(a), labelText(b))
  );
  const names = new Set(series.map(({ name }) => name));
  const fields: Field[] = [
    { name: 'time', type: FieldType.time, config: {}, values: blocks.map(({ period }) => period.start) },
    ...series.map(({ name, labels, unit, values }): Field => ({
      name,
      type: FieldType.number,
      labels: { ...labels },
      config: { unit, displayNameFromDS: String(safeCell(displayName(name, labels, names.size > 1))) },
      values,
    })),
  ];
  return {
    ...createDataFrame({
      name: meta.name,
      refId: meta.refId,
      fields,
      meta: {
        preferredVisualisationType: 'graph',
        executedQueryString: meta.executedQueryString,
        notices: meta.notices,
        custom: { completeness: meta.completeness },
      },
    }),
    length: blocks.length,
  };
}

function seriesOf(blocks: readonly SeriesBlock[]): Map<string, Series> {
  const series = new Map<string, Series>();
  blocks.forEach(({ points }, index) => {
    for (const { name, labels, unit, sources, value } of points) {
      const key = JSON.stringify([name, labels]);
      const own = series.get(key) ?? { name, labels, unit, sources, values: emptyBuckets(blocks, name, sources) };
      series.set(key, own);
      own.values[index] = typeof value === 'number' ? value : null;
    }
  });
  return series;
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

function total({ values }: Series): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

function labelText({ name, labels }: Series): string {
  return [name, ...Object.values(labels)].join(' ');
}

/** The labels name a series; the figure does so only where there are several. */
function displayName(name: string, labels: SeriesPoint['labels'], severalFigures: boolean): string {
  const values = Object.values(labels).filter((value) => value !== '');
  return [...(severalFigures || values.length === 0 ? [name] : []), ...values].join(' ');
}
