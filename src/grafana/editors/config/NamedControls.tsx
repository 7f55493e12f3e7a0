import { Combobox, type ComboboxOption, Field, Input } from '@grafana/ui';
import React, { useId } from 'react';

import { useDraft } from '../useDraft';

interface InputProps {
  /** Accessible name; in a list the column tells those who see it. */
  name: string;
  value: string;
  placeholder?: string;
  problem?: string;
  disabled: boolean;
  onChange: (value: string) => void;
}

/** A text in a list of entries. */
export function NamedInput({ name, value, placeholder, problem, disabled, onChange }: InputProps) {
  const draft = useDraft(value, onChange);
  return (
    <Field noMargin invalid={problem !== undefined} error={problem} disabled={disabled}>
      <Input aria-label={name} placeholder={placeholder} {...draft} />
    </Field>
  );
}

interface ChoiceProps<Value extends string> {
  name: string;
  options: Array<ComboboxOption<Value>>;
  value: Value;
  disabled: boolean;
  onChange: (value: Value) => void;
}

/** A choice in a list of entries. */
export function NamedCombobox<Value extends string>({ name, options, value, disabled, onChange }: ChoiceProps<Value>) {
  const nameId = useId();
  return (
    <>
      <span id={nameId} hidden>
        {name}
      </span>
      <Combobox
        aria-labelledby={nameId}
        options={options}
        value={value}
        disabled={disabled}
        width={24}
        onChange={(option) => onChange(option.value)}
      />
    </>
  );
}
