import { InlineField, InlineLabel, RadioButtonGroup } from '@grafana/ui';
import React from 'react';

interface Props<Value extends string> {
  label: string;
  options: ReadonlyArray<{ readonly value: Value; readonly label: string }>;
  value: Value | undefined;
  onChange: (value: Value) => void;
}

/** A choice between a few values that are all seen at once. */
export function RadioField<Value extends string>({ label, options, value, onChange }: Props<Value>) {
  const labelElement = (
    <InlineLabel as="div" width={16}>
      {label}
    </InlineLabel>
  );
  return (
    <InlineField label={labelElement}>
      <RadioButtonGroup aria-label={label} options={[...options]} value={value} onChange={onChange} />
    </InlineField>
  );
}
