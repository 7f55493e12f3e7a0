import { Combobox } from '@grafana/ui';
import React from 'react';

import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { OptionField } from './OptionField';
import { optionProblem } from './options';
import { NumberOption, TextOption } from './TextOption';

const { users, usersSalt, smallestGroup } = selectors.configEditor;

const userChoices = [
  { value: 'full' as const, label: users.full },
  { value: 'pseudonym' as const, label: users.pseudonym },
  { value: 'hidden' as const, label: users.hidden },
];

/** What is shown of people. */
export function PrivacyOptions(props: OptionsProps) {
  const { options, disabled, onSet } = props;
  return (
    <>
      <OptionField
        label={users.label}
        description="How user ids are shown; counts do not change. Anyone who may query the Loki data source can still read the ids there"
        problem={optionProblem('users', options.users)}
        disabled={disabled}
        inputId={users.inputId}
      >
        {({ id }) => (
          <Combobox
            id={id}
            options={userChoices}
            value={options.users ?? 'full'}
            disabled={disabled}
            width={40}
            onChange={({ value }) => onSet('users', value === 'full' ? undefined : value)}
          />
        )}
      </OptionField>
      {options.users === 'pseudonym' && (
        <TextOption
          {...props}
          option="usersSalt"
          label={usersSalt.label}
          description="Part of the key from which pseudonyms are made; changing it changes all pseudonyms. Anyone who may see these settings can read it"
          fallback=""
        />
      )}
      <NumberOption
        {...props}
        option="smallestGroup"
        label={smallestGroup.label}
        description="Hide the users and countries of services, countries and memberships with fewer users than this; 0 hides none"
        fallback="0"
        max={1_000_000}
      />
    </>
  );
}
