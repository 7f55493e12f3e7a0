import { TextArea } from '@grafana/ui';
import React from 'react';

import { selectors } from '../selectors';
import { useDraft } from '../useDraft';
import { type OptionsProps } from './configProps';
import { MembershipRules } from './MembershipRules';
import { OptionField } from './OptionField';
import { editableText, linesOf, optionProblem } from './options';

/** Who is a member: the roster, then the rules. */
export function MembershipOptions(props: OptionsProps) {
  const { options, disabled, onSet } = props;
  const stored: unknown = options.roster;
  const text = Array.isArray(stored) ? stored.map(editableText).join('\n') : editableText(stored);
  const draft = useDraft(text, (changed) => onSet('roster', linesOf(changed)), true);
  return (
    <>
      <OptionField
        label={selectors.configEditor.roster.label}
        description="User ids of members, one per line; * matches any characters, ? matches one. An authentication method in the logs takes precedence"
        problem={optionProblem('roster', options.roster)}
        disabled={disabled}
      >
        {({ id, describedBy }) => (
          <TextArea id={id} aria-describedby={describedBy} rows={5} placeholder="*@example.org" {...draft} />
        )}
      </OptionField>
      <MembershipRules {...props} />
    </>
  );
}
