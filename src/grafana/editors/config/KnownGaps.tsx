import { Button, IconButton, Stack, Text } from '@grafana/ui';
import { upperFirst } from 'lodash';
import React from 'react';

import { sourceNames, sourceTitles } from '../../../core/domain/sources';
import { type KnownGap } from '../../../core/options';
import { selectors } from '../selectors';
import { type OptionsProps } from './configProps';
import { withEntry, withoutEntry } from './lists';
import { NamedCombobox, NamedInput } from './NamedControls';
import { editableText, entriesOf, optionProblem } from './options';

const texts = selectors.configEditor.knownGaps;
const sourceOptions = sourceNames.map((value) => ({ value: value as string, label: upperFirst(sourceTitles[value]) }));
const timePlaceholder = '2026-10-01T00:00:00Z';
const emptyGap: KnownGap = { from: '', to: '', source: 'request-logs', note: '' };

/** Spans that the operator knows to be incomplete. */
export function KnownGaps({ options, disabled, onSet }: OptionsProps) {
  const gaps = entriesOf(options.knownGaps) ?? [];
  const set = (changed: KnownGap[]) => onSet('knownGaps', changed.length > 0 ? changed : undefined);
  return (
    <div data-testid={texts.testId}>
      <Stack direction="column" gap={2}>
        <Text variant="bodySmall" color="secondary">
          Figures for these gaps are shown, but flagged as partial with your note. Start and end are ISO 8601 times,
          both inclusive.
        </Text>
        {gaps.map((gap, index) => (
          <GapRow
            key={index}
            gap={gap}
            position={index + 1}
            disabled={disabled}
            onChange={(changes) => set(withEntry(gaps, index, changes))}
            onRemove={() => set(withoutEntry(gaps, index))}
          />
        ))}
        {!disabled && (
          <div>
            <Button variant="secondary" size="sm" icon="plus" onClick={() => set([...gaps, emptyGap])}>
              {texts.add}
            </Button>
          </div>
        )}
      </Stack>
    </div>
  );
}

interface RowProps {
  gap: KnownGap;
  position: number;
  disabled: boolean;
  onChange: (changes: Partial<KnownGap>) => void;
  onRemove: () => void;
}

function GapRow({ gap, position, disabled, onChange, onRemove }: RowProps) {
  const problem = optionProblem('knownGaps', [gap]);
  return (
    <div>
      <Stack direction="row" gap={1} alignItems="flex-start" wrap="wrap">
        <NamedInput
          name={texts.from(position)}
          value={editableText(gap.from)}
          placeholder={timePlaceholder}
          disabled={disabled}
          onChange={(from) => onChange({ from: from.trim() })}
        />
        <NamedInput
          name={texts.to(position)}
          value={editableText(gap.to)}
          placeholder={timePlaceholder}
          disabled={disabled}
          onChange={(to) => onChange({ to: to.trim() })}
        />
        <NamedCombobox
          name={texts.source(position)}
          options={sourceOptions}
          value={gap.source}
          disabled={disabled}
          onChange={(source) => onChange({ source })}
        />
        <div style={{ flexGrow: 1 }}>
          <NamedInput
            name={texts.note(position)}
            value={editableText(gap.note)}
            placeholder="What happened"
            disabled={disabled}
            onChange={(note) => onChange({ note })}
          />
        </div>
        {!disabled && <IconButton name="trash-alt" aria-label={texts.remove(position)} onClick={onRemove} />}
      </Stack>
      {problem && (
        <Text color="error" variant="bodySmall">
          {problem}
        </Text>
      )}
    </div>
  );
}
