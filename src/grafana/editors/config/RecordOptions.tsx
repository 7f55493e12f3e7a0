import { Switch } from '@grafana/ui';
import React from 'react';

import { defaultRecordsSelector } from '../../../core/settings';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { OptionField } from './OptionField';
import { TextOption } from './TextOption';

const { useRecords, recordsSelector, recordsPublicKey } = selectors.configEditor;

/** Days that were counted once and kept in Loki. */
export function RecordOptions(props: OptionsProps) {
  const { options, disabled, onSet } = props;
  // An empty selector means "not used" (contract, "Options").
  const areUsed = options.recordsSelector !== '';
  return (
    <>
      <OptionField
        label={useRecords.label}
        description="Take settled days from the records that oscar-usage keeps in Loki, even when logs and samples are gone"
        disabled={disabled}
      >
        {({ id, describedBy }) => (
          <Switch
            id={id}
            aria-describedby={describedBy}
            value={areUsed}
            onChange={({ currentTarget }) => onSet('recordsSelector', currentTarget.checked ? undefined : '')}
          />
        )}
      </OptionField>
      {areUsed && (
        <>
          <TextOption
            {...props}
            option="recordsSelector"
            label={recordsSelector.label}
            description="LogQL stream selector for the usage records"
            fallback={defaultRecordsSelector}
          />
          <TextOption
            {...props}
            option="recordsPublicKey"
            label={recordsPublicKey.label}
            description="Use only records that are signed with the matching private key. oscar-usage record --public-key prints the public key"
            fallback="none: records need no signature"
          />
        </>
      )}
    </>
  );
}
