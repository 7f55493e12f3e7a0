import { TextArea } from '@grafana/ui';
import React from 'react';

import { selectors } from '../selectors';
import { useDraft } from '../useDraft';
import { type OptionsProps } from './configProps';
import { MembershipRules } from './MembershipRules';
import { OptionField } from './OptionField';
import { linesOf, optionProblem } from './options';

/** Who is a member: the roster, then the rules. */
export function MembershipOptions(props: OptionsProps) {
  const { options, disabled, onSet } = props;
  const draft = useDraft((options.roster ?? []).join('\n'), (text) => onSet('roster', linesOf(text)), true);
  return (
    <>
      <OptionField
        label={selectors.configEditor.roster.label}
        description="Ids of members, one per line; * and ? stand for any characters. An authentication method in the logs comes first"
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
