import { createDataFrame, type DataFrame, type Field, FieldType } from '@grafana/data';

import { type TimeSeries } from '../../core/reports/series';
import { type FrameMeta, metaOf } from './frameMeta';

/** One wide frame: `time` (start of the bucket) and one field per series (contract, "Result frames"). */
export function seriesFrame({ starts, series }: TimeSeries, meta: FrameMeta): DataFrame {
  const fields: Field[] = [
    { name: 'time', type: FieldType.time, config: {}, values: starts },
    ...series.map(({ name, labels, unit, displayName, values }) => ({
      name,
      type: FieldType.number,
      labels: { ...labels },
      config: { unit, displayNameFromDS: displayName },
      values,
    })),
  ];
  return { ...createDataFrame({ ...metaOf('graph', meta), fields }), length: starts.length };
}
