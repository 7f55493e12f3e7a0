import { Combobox } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { allMetrics, metricOptions } from './choices';
import { type FieldProps } from './editorProps';

export function MetricField({ query, onCommit }: FieldProps) {
  return (
    <LabelledField label={selectors.queryEditor.metric.label}>
      {({ id, labelId }) => (
        <Combobox
          id={id}
          aria-labelledby={labelId}
          options={metricOptions}
          value={query.metric ?? allMetrics}
          width={40}
          onChange={({ value }) => onCommit({ metric: value === allMetrics ? undefined : value })}
        />
      )}
    </LabelledField>
  );
}
