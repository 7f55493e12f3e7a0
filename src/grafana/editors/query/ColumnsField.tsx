import { MultiCombobox } from '@grafana/ui';
import React from 'react';

import { reports } from '../../../core/reports/registry';
import { choosableNames } from '../../../core/reports/selection';
import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { type FieldProps } from './editorProps';

/** Which columns, or in a time series which figures; sources that none of them needs are neither read nor evaluated. */
export function ColumnsField({ query, onCommit }: FieldProps) {
  const names = choosableNames(reports[query.queryType], query);
  const chosen = Array.isArray(query.columns) ? query.columns : [];
  const others = chosen.filter((name) => !names.includes(name));
  return (
    <LabelledField
      label={selectors.queryEditor.columns.label}
      tooltip="Show only these columns. Sources that none of them needs are not read and cause no warnings. Rows without a value in them are left out. Empty: all columns"
    >
      {({ id, labelId }) => (
        <MultiCombobox
          id={id}
          aria-labelledby={labelId}
          placeholder={query.format === 'timeseries' ? 'Default columns' : 'All columns'}
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
