import { Field, Label, Text } from '@grafana/ui';
import React, { type ReactElement, useId } from 'react';

interface Props {
  label: string;
  description: string;
  problem?: string;
  disabled?: boolean;
  /** Of a control that brings its own id. */
  inputId?: string;
  /** Draws the control with the id of its label and, for `aria-describedby`, that of its description. */
  children: (ids: { id: string; describedBy: string }) => ReactElement<Record<string, unknown>>;
}

/** A control of the config editor: its name, what it is for, and what is wrong with its value. */
export function OptionField({ label, description, problem, disabled, inputId, children }: Props) {
  const ownId = useId();
  const id = inputId ?? ownId;
  const describedBy = `${ownId}-description`;
  // The description is no part of the label, which has to stay a short name.
  const head = (
    <div>
      <Label htmlFor={id}>{label}</Label>
      <div id={describedBy}>
        <Text variant="bodySmall" color="secondary">
          {description}
        </Text>
      </div>
    </div>
  );
  return (
    <Field label={head} invalid={problem !== undefined} error={problem} disabled={disabled}>
      {children({ id, describedBy })}
    </Field>
  );
}
