import { InlineField, InlineLabel } from '@grafana/ui';
import React, { type ReactElement, useId } from 'react';

interface Props {
  label: string;
  tooltip?: string;
  /** Text of the problem with the value; the control is then marked as invalid. */
  problem?: string;
  grow?: boolean;
  /** Draws the control; `id` is for the control itself, `labelId` for what takes its name by reference. */
  children: (ids: { id: string; labelId: string }) => ReactElement<Record<string, unknown>>;
}

const labelWidth = 16;

/**
 * A control of a query editor with its label. The label has an id, so that a combobox's menu, which is drawn elsewhere on
 * the page, can bear the same name.
 */
export function LabelledField({ label, tooltip, problem, grow, children }: Props) {
  const id = useId();
  const labelId = `${id}-label`;
  const labelElement = (
    <InlineLabel htmlFor={id} id={labelId} tooltip={tooltip} width={labelWidth}>
      {label}
    </InlineLabel>
  );
  return (
    <InlineField label={labelElement} grow={grow} shrink invalid={problem !== undefined} error={problem}>
      {children({ id, labelId })}
    </InlineField>
  );
}
