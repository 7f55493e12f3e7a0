import { InlineSwitch } from '@grafana/ui';
import React from 'react';

import { LabelledField } from './LabelledField';

interface Props {
  label: string;
  tooltip: string;
  value: boolean;
  onChange: (value: boolean) => void;
}

export function SwitchField({ label, tooltip, value, onChange }: Props) {
  return (
    <LabelledField label={label} tooltip={tooltip}>
      {({ id }) => (
        <InlineSwitch id={id} value={value} onChange={({ currentTarget }) => onChange(currentTarget.checked)} />
      )}
    </LabelledField>
  );
}
