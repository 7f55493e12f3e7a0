import { Combobox, InlineFieldRow } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { formats, tableIntervals, timeseriesIntervals, wholeRange } from './choices';
import { type FieldProps } from './editorProps';
import { fieldsOf } from './fields';
import { LimitField } from './LimitField';
import { RadioField } from './RadioField';

/** Whether the result is a table or a time series, where it can be both, its periods, and how many rows or series it has. */
export function ShapeFields(props: FieldProps) {
  const { query, onCommit } = props;
  const isTimeseries = query.format === 'timeseries';
  return (
    <InlineFieldRow>
      {fieldsOf(query).includes('format') && (
        <RadioField
          label={selectors.queryEditor.format.label}
          options={formats}
          value={query.format ?? 'table'}
          onChange={(format) => onCommit({ format: format === 'table' ? undefined : format })}
        />
      )}
      <LabelledField
        label={selectors.queryEditor.interval.label}
        tooltip="Calendar periods in the dashboard's time zone; the first and the last one may be cut off by the range"
      >
        {({ id, labelId }) => (
          <Combobox
            id={id}
            aria-labelledby={labelId}
            options={isTimeseries ? timeseriesIntervals : tableIntervals}
            value={query.interval ?? (isTimeseries ? 'auto' : wholeRange)}
            width={20}
            onChange={({ value }) => onCommit({ interval: value === wholeRange ? undefined : value })}
          />
        )}
      </LabelledField>
      {fieldsOf(query).includes('limit') && <LimitField {...props} />}
    </InlineFieldRow>
  );
}
