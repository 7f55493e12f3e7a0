import { MultiCombobox } from '@grafana/ui';
import React, { useCallback } from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { type FieldProps } from './editorProps';
import { serviceOptions } from './serviceOptions';

/** Which services; also template variables, and names that do not occur in the range. */
export function ServicesField({ query, range, datasource, onCommit }: FieldProps) {
  const load = useCallback((typed: string) => serviceOptions(datasource, range, typed), [datasource, range]);
  return (
    <LabelledField label={selectors.queryEditor.services.label} tooltip="Show only these services. Empty: all services">
      {({ id, labelId }) => (
        <MultiCombobox
          id={id}
          aria-labelledby={labelId}
          placeholder="All services"
          options={load}
          value={query.services ?? []}
          createCustomValue
          customValueDescription="Use this name"
          isClearable
          width={60}
          onChange={(options) => {
            const services = options.map(({ value }) => value);
            onCommit({ services: services.length > 0 ? services : undefined });
          }}
        />
      )}
    </LabelledField>
  );
}
