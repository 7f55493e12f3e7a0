import { CollapsableSection, InlineFieldRow, Input } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { SwitchField } from '../SwitchField';
import { useDraft } from '../useDraft';
import { type FieldProps } from './editorProps';

/** Folded unless something in it is set: a setting that changes figures should not hide. */
export function AdvancedFields(props: FieldProps) {
  const { query, onCommit } = props;
  const readsAgain = query.bypassCache === true || query.readAgain === true;
  const isSet = readsAgain || query.minimumCoveragePercent !== undefined;
  return (
    <CollapsableSection label={selectors.queryEditor.advanced.label} isOpen={isSet}>
      <InlineFieldRow>
        <SwitchField
          label={selectors.queryEditor.readAgain.label}
          tooltip="Reads everything upstream at every run, also what is settled and kept. Slow; turn it off afterwards"
          value={readsAgain}
          onChange={(readAgain) => onCommit({ readAgain: readAgain || undefined, bypassCache: undefined })}
        />
        <CoverageField {...props} />
      </InlineFieldRow>
    </CollapsableSection>
  );
}

function CoverageField({ query, onCommit }: FieldProps) {
  const stored = query.minimumCoveragePercent;
  const draft = useDraft(stored === undefined ? '' : String(stored), (text) =>
    onCommit({ minimumCoveragePercent: text.trim() === '' ? undefined : Number(text) })
  );
  return (
    <LabelledField
      label={selectors.queryEditor.minimumCoveragePercent.label}
      tooltip="Figures whose sources cover less of the range are left empty; 0 shows everything; empty takes the data source's setting"
    >
      {({ id }) => (
        <Input
          id={id}
          type="number"
          min={0}
          max={100}
          step="any"
          width={30}
          suffix="%"
          placeholder="As set in the data source"
          {...draft}
        />
      )}
    </LabelledField>
  );
}
