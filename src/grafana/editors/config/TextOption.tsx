import { Input, TextArea } from '@grafana/ui';
import React from 'react';

import { type OscarOptions } from '../../types';
import { useDraft } from '../useDraft';
import { type OptionsProps } from './configProps';
import { OptionField } from './OptionField';
import { editableText, optionProblem } from './options';

type TextKey = {
  [Key in keyof OscarOptions]-?: NonNullable<OscarOptions[Key]> extends string ? Key : never;
}[keyof OscarOptions];

type NumberKey = {
  [Key in keyof OscarOptions]-?: NonNullable<OscarOptions[Key]> extends number ? Key : never;
}[keyof OscarOptions];

interface Props<Key extends keyof OscarOptions> extends OptionsProps {
  option: Key;
  label: string;
  description: string;
  /** Shown as placeholder. */
  fallback: string;
}

interface TextProps extends Props<TextKey> {
  /** Height of a text of several lines; one line when absent. */
  rows?: number;
}

/** An option that is a text; clearing it brings its default back. */
export function TextOption({ option, label, description, fallback, rows, options, disabled, onSet }: TextProps) {
  const stored = options[option];
  const draft = useDraft(editableText(stored), (text) => onSet(option, text.trim() || undefined), rows !== undefined);
  return (
    <OptionField label={label} description={description} problem={optionProblem(option, stored)} disabled={disabled}>
      {({ id, describedBy }) =>
        rows === undefined ? (
          <Input id={id} aria-describedby={describedBy} placeholder={fallback} {...draft} />
        ) : (
          <TextArea id={id} aria-describedby={describedBy} placeholder={fallback} rows={rows} {...draft} />
        )
      }
    </OptionField>
  );
}

interface NumberProps extends Props<NumberKey> {
  max: number;
}

/** An option that is a number; clearing it brings its default back. */
export function NumberOption({ option, label, description, fallback, max, options, disabled, onSet }: NumberProps) {
  const stored = options[option];
  const draft = useDraft(editableText(stored), (text) => onSet(option, text.trim() === '' ? undefined : Number(text)));
  return (
    <OptionField label={label} description={description} problem={optionProblem(option, stored)} disabled={disabled}>
      {({ id, describedBy }) => (
        <Input
          id={id}
          aria-describedby={describedBy}
          type="number"
          min={0}
          max={max}
          step="any"
          width={20}
          placeholder={fallback}
          {...draft}
        />
      )}
    </OptionField>
  );
}
