import { MultiCombobox } from '@grafana/ui';
import React from 'react';

import { reports } from '../../../core/reports/registry';
import { choosableNames } from '../../../core/reports/selection';
import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { type FieldProps } from './editorProps';

/** Which columns, or in a time series which figures; what none of them needs is neither asked nor judged. */
export function ColumnsField({ query, onCommit }: FieldProps) {
  const names = choosableNames(reports[query.queryType], query);
  const chosen = Array.isArray(query.columns) ? query.columns : [];
  const others = chosen.filter((name) => !names.includes(name));
  return (
    <LabelledField
      label={selectors.queryEditor.columns.label}
      tooltip="Only these figures; what none of them needs is neither read nor a reason for a warning. Rows without a figure are left out. Empty means all"
    >
      {({ id, labelId }) => (
        <MultiCombobox
          id={id}
          aria-labelledby={labelId}
          placeholder={query.format === 'timeseries' ? 'The usual figures' : 'All columns'}
          options={[...names, ...others].map((value) => ({ value }))}
          value={chosen}
          isClearable
          width={60}
          onChange={(options) => {
            const columns = options.map(({ value }) => value);
            onCommit({ columns: columns.length > 0 ? columns : undefined });
          }}
        />
      )}
    </LabelledField>
  );
}
