import { CollapsableSection, InlineFieldRow, Input } from '@grafana/ui';
import React from 'react';

import { LabelledField } from '../LabelledField';
import { selectors } from '../selectors';
import { SwitchField } from '../SwitchField';
import { useDraft } from '../useDraft';
import { type FieldProps } from './editorProps';

/** Collapsed unless one of its settings is in use: a setting that changes figures should be visible. */
export function AdvancedFields(props: FieldProps) {
  const { query, onCommit } = props;
  const bypassesCache = query.bypassCache === true || query.readAgain === true;
  const isSet = bypassesCache || query.minimumCoveragePercent !== undefined;
  return (
    <CollapsableSection label={selectors.queryEditor.advanced.label} isOpen={isSet}>
      <InlineFieldRow>
        <SwitchField
          label={selectors.queryEditor.bypassCache.label}
          tooltip="Read everything from Prometheus and Loki again on every run, including settled data that is already cached. Slow: turn it off when you are done"
          value={bypassesCache}
          onChange={(bypassCache) => onCommit({ bypassCache: bypassCache || undefined, readAgain: undefined })}
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
      tooltip="Leave a value empty if its source covers less than this share of the range; 0 shows all values, with warnings. Empty: use the data source's setting"
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
          placeholder="Data source setting"
          {...draft}
        />
      )}
    </LabelledField>
  );
}
