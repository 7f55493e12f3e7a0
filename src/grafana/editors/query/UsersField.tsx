import React from 'react';

import { selectors } from '../selectors';
import { SwitchField } from '../SwitchField';
import { type FieldProps } from './editorProps';

export function UsersField({ query, onCommit }: FieldProps) {
  return (
    <SwitchField
      label={selectors.queryEditor.includeUsers.label}
      tooltip="Add a column with the user ids"
      value={query.includeUsers === true}
      onChange={(includeUsers) => onCommit({ includeUsers: includeUsers || undefined })}
    />
  );
}
