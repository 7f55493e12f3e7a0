import { Input } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { useDraft } from '../useDraft';
import { type FieldProps } from './editorProps';

/** How many rows or series; text, because a template variable may stand for the number. */
export function LimitField({ query, onCommit }: FieldProps) {
  const { limit, format } = query;
  const draft = useDraft(limit === undefined ? '' : String(limit), (text) => onCommit({ limit: limitIn(text) }));
  const what = format === 'timeseries' ? 'series' : 'rows';
  return (
    <LabelledField
      label={selectors.queryEditor.limit.label}
      tooltip={`Keep this many ${what}, the largest over the whole range, and combine the rest as (others). A number or a template variable. Empty: all ${what}`}
    >
      {({ id }) => <Input id={id} width={20} placeholder={`All ${what}`} {...draft} />}
    </LabelledField>
  );
}

function limitIn(text: string): number | string | undefined {
  const typed = text.trim();
  if (typed === '') {
    return undefined;
  }
  return /^\d+$/.test(typed) ? Number(typed) : typed;
}
