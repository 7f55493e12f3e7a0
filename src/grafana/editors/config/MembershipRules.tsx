import { Button, IconButton, Stack, Text } from '@grafana/ui';
import React from 'react';

import { defaultMembershipRules, type MembershipRule, memberships } from '../../../core/domain/membership';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { withEntry, withEntryMovedUp, withoutEntry } from './lists';
import { NamedCombobox, NamedInput } from './NamedControls';
import { editableText, entriesOf, optionProblem } from './options';

const texts = selectors.configEditor.membershipRules;
const membershipOptions = memberships.map((value) => ({ value, label: value }));

/** The rules in their order; the default ones are shown until someone changes them. */
export function MembershipRules({ options, disabled, onSet }: OptionsProps) {
  const own = entriesOf(options.membershipRules);
  const rules = own ?? defaultMembershipRules;
  const fixed = disabled || own === undefined;
  const set = (changed: MembershipRule[] | undefined) => onSet('membershipRules', changed);
  return (
    <div data-testid={texts.testId}>
      <Stack direction="column" gap={1}>
        <Text element="h3" variant="h5">
          Rules
        </Text>
        <Text variant="bodySmall" color="secondary">
          Each rule is a regular expression that is searched for in the user id; the first rule that matches decides.
          Users who match no rule are counted as unknown.
        </Text>
        {rules.map((rule, index) => (
          <Stack key={index} direction="row" gap={1} alignItems="flex-start">
            <div style={{ flexGrow: 1 }}>
              <NamedInput
                name={texts.pattern(index + 1)}
                value={editableText(rule.pattern)}
                problem={optionProblem('membershipRules', [rule])}
                disabled={fixed}
                onChange={(pattern) => set(withEntry(rules, index, { pattern }))}
              />
            </div>
            <NamedCombobox
              name={texts.membership(index + 1)}
              options={membershipOptions}
              value={rule.membership}
              disabled={fixed}
              onChange={(membership) => set(withEntry(rules, index, { membership }))}
            />
            {!fixed && (
              <>
                <IconButton
                  name="arrow-up"
                  aria-label={texts.moveUp(index + 1)}
                  disabled={index === 0}
                  onClick={() => set(withEntryMovedUp(rules, index))}
                />
                <IconButton
                  name="trash-alt"
                  aria-label={texts.remove(index + 1)}
                  onClick={() => set(withoutEntry(rules, index))}
                />
              </>
            )}
          </Stack>
        ))}
        {!disabled && <Actions rules={rules} isOwn={own !== undefined} onChange={set} />}
      </Stack>
    </div>
  );
}

interface ActionsProps {
  rules: readonly MembershipRule[];
  isOwn: boolean;
  onChange: (rules: MembershipRule[] | undefined) => void;
}

function Actions({ rules, isOwn, onChange }: ActionsProps) {
  if (!isOwn) {
    return (
      <div>
        <Button variant="secondary" size="sm" icon="pen" onClick={() => onChange([...rules])}>
          {texts.customise}
        </Button>
      </div>
    );
  }
  return (
    <Stack direction="row" gap={1}>
      <Button
        variant="secondary"
        size="sm"
        icon="plus"
        onClick={() => onChange([...rules, { pattern: '', membership: 'member' }])}
      >
        {texts.add}
      </Button>
      <Button variant="secondary" size="sm" onClick={() => onChange(undefined)}>
        {texts.reset}
      </Button>
    </Stack>
  );
}
