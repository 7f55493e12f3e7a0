import { createDataFrame, type DataFrame, DataTopic, FieldType, textUtil } from '@grafana/data';

import { type CompletenessEntry } from '../../core/completeness/notices';
import { regionsOf } from '../../core/completeness/regions';

/** Shades the missing spans on a time series; no frame where nothing is missing. */
export function gapFrames(entries: readonly CompletenessEntry[], refId: string): DataFrame[] {
  const regions = regionsOf(entries);
  if (regions.length === 0) {
    return [];
  }
  const field = <T>(name: string, type: FieldType, values: T[]) => ({ name, type, config: {}, values });
  const frame = createDataFrame({
    name: 'gaps',
    refId,
    meta: { dataTopic: DataTopic.Annotations },
    fields: [
      field(
        'time',
        FieldType.time,
        regions.map(({ time }) => time)
      ),
      field(
        'timeEnd',
        FieldType.time,
        regions.map(({ timeEnd }) => timeEnd)
      ),
      field(
        'isRegion',
        FieldType.boolean,
        regions.map(() => true)
      ),
      field(
        'title',
        FieldType.string,
        regions.map(({ title }) => textUtil.escapeHtml(title))
      ),
      field(
        'text',
        FieldType.string,
        // Grafana draws an annotation's text as HTML; notes hold what upstreams answered.
        regions.map(({ text }) => textUtil.escapeHtml(text))
      ),
      field(
        'tags',
        FieldType.other,
        regions.map(({ source }) => [source])
      ),
      field(
        'color',
        FieldType.string,
        regions.map(() => 'orange')
      ),
    ],
  });
  return [frame];
}
